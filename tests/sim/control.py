"""The control API under /_sim/: how a test steers and questions the simulator.

It has no authentication; the server listens on the loopback interface alone.
"""

from __future__ import annotations

import functools
import os
import signal
from typing import Any

import faults
from routes import Call, Route, find
from wire import JSON_TYPE, Refused, Request, Response, json_response, strict_json
from world import World

PREFIX = "/_sim/"
JWKS_PATH = PREFIX + "jwks.json"


def handle(world: World, request: Request) -> Response:
    try:
        route, params = find(ROUTES, request)
        return route.handler(world, Call(request, params))
    except Refused as refused:
        error = {"error": refused.reason, "note": refused.note}
        return json_response(error, refused.status)
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        return json_response({"error": repr(error)}, 400)


def read_log(world: World, call: Call) -> Response:
    since = int(call.request.query.get("since", "0"))
    return json_response(world.log.entries(since))


def read_state(world: World, call: Call) -> Response:
    """Who is who, and counts. No secret is in it."""
    store = world.store
    state: dict[str, Any] = {
        "tenantId": store.tenant_id,
        "sites": [
            {"luid": s.luid, "contentUrl": s.content_url} for s in store.sites
        ],
        "admin": store.admin.email,
        "viewer": store.viewer.email,
        "now": world.clock.now(),
        "sessions": store.session_count(),
        "configurations": len(store.configurations()),
        "faults": world.faults.left(),
        "options": world.options.as_dict(),
    }
    return json_response(state)


def move_clock(world: World, call: Call) -> Response:
    world.clock.advance(float(call.request.json_object()["advance_s"]))
    return json_response({"now": world.clock.now()})


def read_options(world: World, call: Call) -> Response:
    return json_response(world.options.as_dict())


def set_options(world: World, call: Call) -> Response:
    world.options.update(call.request.json_object())
    return read_options(world, call)


def set_faults(world: World, call: Call) -> Response:
    world.faults.replace(faults.parse(strict_json(call.request.body)))
    return json_response({"faults": world.faults.left()})


def set_jwks(world: World, call: Call) -> Response:
    """Stored as sent: a broken key set is a case to test."""
    world.jwks = call.request.body
    return Response(204)


def read_jwks(world: World, call: Call) -> Response:
    if world.jwks is None:
        raise Refused("no-jwks", 404)
    return Response(200, world.jwks, JSON_TYPE)


def drop_sessions(world: World, call: Call) -> Response:
    return json_response({"dropped": world.store.drop_sessions()})


def reset(world: World, call: Call) -> Response:
    world.reset()
    return Response(204)


def stop(world: World, call: Call) -> Response:
    """As SIGTERM does, once this answer has left."""
    end = functools.partial(os.kill, os.getpid(), signal.SIGTERM)
    return Response(204, then=end)


ROUTES = (
    Route("GET", PREFIX + "log", read_log),
    Route("GET", PREFIX + "state", read_state),
    Route("POST", PREFIX + "clock", move_clock),
    Route("GET", PREFIX + "options", read_options),
    Route("POST", PREFIX + "options", set_options),
    Route("POST", PREFIX + "faults", set_faults),
    Route("PUT", PREFIX + "jwks", set_jwks),
    Route("GET", JWKS_PATH, read_jwks),
    Route("POST", PREFIX + "drop-sessions", drop_sessions),
    Route("POST", PREFIX + "reset", reset),
    Route("POST", PREFIX + "stop", stop),
)
