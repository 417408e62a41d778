"""From a request to its answer: control API, faults, then the two services.

Every request but those of the control API leaves one entry in the log.
"""

from __future__ import annotations

import traceback
from typing import Callable

import control
import tableau
import tcm
from era import Era, Over
from faults import Fault
from wire import Request, Response
from world import World

AUTH_HEADERS = ("x-tableau-session-token", "X-Tableau-Auth", "Authorization")
Service = Callable[[World, Request], Response]
TCM_PREFIXES = ("/api/v1/", "/api/v2/", "/download/")


def answer(
    world: World, request: Request, era: Era
) -> tuple[Response, Fault | None]:
    """The answer, and the fault that its delivery must suffer.

    Over if the request is to have no effect: it waited too long.
    """
    is_jwks = request.path == control.JWKS_PATH and request.method == "GET"
    if request.path.startswith(control.PREFIX) and not is_jwks:
        return _guarded(control.handle, world, request), None
    with era.work():
        fault = world.faults.take(request)
    if fault and fault.delay_s and fault.ended.wait(fault.delay_s):
        raise Over
    with era.work():
        response = _serve(world, request, fault)
        _record(world, request, response, fault)
    return response, fault


def _serve(world: World, request: Request, fault: Fault | None) -> Response:
    service = _service(request.path)
    if fault is None:
        return _guarded(service, world, request)
    served = None
    if fault.serves_first:
        served = _guarded(service, world, request)
    broken = Response(500, reason=f"fault:{fault.action}")
    return fault.answer() or served or broken


def _service(path: str) -> Service:
    if path.startswith(control.PREFIX):
        return control.handle
    return tcm.handle if path.startswith(TCM_PREFIXES) else tableau.handle


def _guarded(
    service: Service, world: World, request: Request
) -> Response:
    """A fault of the simulator itself must be told from a refusal."""
    try:
        return service(world, request)
    except Exception:
        trace = traceback.format_exc()
        return Response(500, reason="simulator-error", note=trace)


def _record(
    world: World, request: Request, response: Response, fault: Fault | None
) -> None:
    world.log.add(
        at=world.clock.now(),
        connection=request.connection,
        method=request.method,
        path=request.path,
        query=request.query,
        status=None if fault and fault.breaks else response.status,
        reason=response.reason,
        note=response.note,
        fault=(fault.action or "canned") if fault else None,
        auth=[name for name in AUTH_HEADERS if request.header(name)],
        user_agent=request.header("User-Agent"),
        accept=request.header("Accept"),
        content_type=request.header("Content-Type"),
        body_bytes=len(request.body),
    )
