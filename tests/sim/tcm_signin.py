"""Tableau Cloud Manager: sign-in with a PAT or a UAT JWT, and sessions."""

from __future__ import annotations

from clock import NS, rfc3339
from judge import Gate, judge
from routes import Call
from store import ABSOLUTE_S, IDLE_S, TCM, Session, User
from wire import Refused, Response, json_response
from world import World


def pat_login(world: World, call: Call) -> Response:
    kind = world.store.pat_kind(_login_token(call))
    if kind != "good":
        failure = world.options.number("pat-failure")
        raise Refused(f"pat-{kind or 'unknown'}", failure, f"{failure}001")
    return _signed_in(world, world.store.admin, None)


def jwt_login(world: World, call: Call) -> Response:
    gate = Gate(
        world.store.tenant_id,
        _cloud_admins_only,
        world.options.number("tcm-jwt-size"),
    )
    verdict = judge(world, _login_token(call), gate)
    return _signed_in(world, verdict.user, verdict.scopes)


def _login_token(call: Call) -> str:
    token = call.request.json_object().get("token")
    if not isinstance(token, str) or not token:
        raise Refused("token-missing", 400)
    return token


def _cloud_admins_only(user: User) -> None:
    if not user.is_cloud_admin:
        raise Refused("not-cloud-admin")


def _signed_in(
    world: World, user: User, scopes: frozenset[str] | None
) -> Response:
    token, session = world.store.open_session(TCM, user, scopes)
    return json_response(
        {"sessionToken": token, **_session_json(world, session)}
    )


def _session_json(world: World, session: Session) -> dict[str, str]:
    ends = session.born + ABSOLUTE_S[TCM]
    if world.options["session-expiration"] == "idle":
        ends = min(ends, session.used + (IDLE_S[TCM] or 0))
    digits = world.options.number("fraction-digits")
    return {
        "userId": session.user.id,
        "tenantId": world.store.tenant_id,
        "sessionExpiration": rfc3339(int(ends * NS), digits),
    }


def get_session(world: World, call: Call) -> Response:
    assert call.session is not None
    return json_response(_session_json(world, call.session))


def sign_out(world: World, call: Call) -> Response:
    if world.options["signout"] == "absent":
        raise Refused("signout-absent", 404)
    world.store.close_session(call.token)
    return Response(204)
