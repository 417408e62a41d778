"""Tableau Cloud Manager: the revocation of one JWT by its jti.

Neither its path nor its body is established, so both are switches. A session
that the JWT has bought lives on.
"""

from __future__ import annotations

from routes import Call, Route
from wire import Refused, Response, json_response
from world import World

SCOPE = "tableau:tcm_uat_revocations:create"


def routes(world: World) -> tuple[Route, ...]:
    method, _, path = world.options["revoke-route"].partition(" ")
    return (Route(method, path, revoke, (SCOPE,)),) if path else ()


def revoke(world: World, call: Call) -> Response:
    """The jti stands in the path or, under a name of its own, in the body."""
    jti = call.params.get("jti")
    if jti is None:
        jti = call.request.json_object().get(world.options["revoke-member"])
    if not isinstance(jti, str) or not jti:
        raise Refused("jti-missing-in-body", 400, message="jti is required")
    config = call.params.get("config")
    if config is not None and world.store.configuration(config) is None:
        raise Refused("no-such-configuration", 404)
    world.store.revoke_jti(jti)
    status = world.options.number("revoke-status")
    return json_response({"revoked": True}, status)
