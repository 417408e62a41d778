"""Tableau Cloud Manager: who may call what, and how a refusal looks.

The methods themselves are in the tcm_*.py beside this file; ROUTES, at the
end, is the whole of what the simulator knows of TCM.
"""

from __future__ import annotations

import html
import json

import scopes as scope_rules
import tcm_configs
import tcm_logs
import tcm_revocations
import tcm_signin
import tcm_tenant
from routes import Call, Route, find
from store import TCM, Session, SessionLost
from wire import JSON_TYPE, Refused, Request, Response
from world import World

SESSION_HEADER = "x-tableau-session-token"


def handle(world: World, request: Request) -> Response:
    try:
        known = (*ROUTES, *tcm_revocations.routes(world))
        route, params = find(known, request)
        if request.body and not request.sends_json:
            raise Refused("content-type-not-json", 415)
        return route.handler(world, _admit(world, route, request, params))
    except Refused as refused:
        return _error(world, refused)


def _admit(
    world: World, route: Route, request: Request, params: dict[str, str]
) -> Call:
    """Session first, then scope, then the ids in the path."""
    call = Call(request, params)
    if route.needs_session:
        token = request.header(SESSION_HEADER)
        if not token:
            raise Refused("session-missing")
        try:
            session = world.store.use_session(TCM, token)
        except SessionLost as lost:
            raise Refused(str(lost)) from None
        _check_scope(world, route, session)
        call = Call(request, params, session, token)
    if params.get("tenant", world.store.tenant_id) != world.store.tenant_id:
        raise Refused("other-tenant", 404)
    if "site" in params and not world.store.site_by(luid=params["site"]):
        raise Refused("no-such-site", 404)
    return call


def _check_scope(world: World, route: Route, session: Session) -> None:
    if session.scopes is None or not route.scopes:
        return
    if not any(scope_rules.covers(session.scopes, s) for s in route.scopes):
        same = world.options["tcm-scope-error"] == "same"
        raise Refused(
            "scope-missing",
            code="401000" if same else "401002",
            note=" or ".join(route.scopes),
        )


def _error(world: World, refused: Refused) -> Response:
    """As error-shape says; the message names no reason for a 401."""
    message = refused.message
    if not message:
        message = "Unauthorized" if refused.status == 401 else "Request refused"
    error = {"errorCode": refused.code, "message": message}
    code, text = refused.code, html.escape(message)
    bodies = {
        "json": (json.dumps(error), JSON_TYPE),
        "empty": ("", ""),
        "html": (f"<html><body><h1>{text}</h1></body></html>", "text/html"),
        "list": (json.dumps([error]), JSON_TYPE),
        "xml": (f'<error code="{code}">{text}</error>', "application/xml"),
        "plain": (message, "text/plain"),
    }
    body, media_type = bodies[world.options["error-shape"]]
    return Response(
        refused.status,
        body.encode(),
        media_type,
        reason=refused.reason,
        note=refused.note,
    )


_V1 = "/api/v1"
_CONFIGS = _V1 + "/uat-configurations"
_TENANT = _V1 + "/tenants/{tenant}"
_SITE = _TENANT + "/sites/{site}"
_OIDC = _V1 + "/resources/{resource}/oidcconfiguration"


def _scope(name: str) -> tuple[str, ...]:
    return (f"tableau:tcm_{name}",)


ROUTES = (
    Route("POST", _V1 + "/pat/login", tcm_signin.pat_login, needs_session=False),
    Route("POST", _V1 + "/jwt/login", tcm_signin.jwt_login, needs_session=False),
    Route("GET", "/api/v2/sessions", tcm_signin.get_session),
    Route("DELETE", "/api/v2/sessions", tcm_signin.sign_out),
    Route("POST", _CONFIGS, tcm_configs.create, _scope("uat_configs:create")),
    Route("GET", _CONFIGS, tcm_configs.list_all, _scope("uat_configs:read")),
    Route(
        "GET",
        _CONFIGS + "/{config}",
        tcm_configs.get,
        _scope("uat_configs:read"),
    ),
    Route(
        "PUT",
        _CONFIGS + "/{config}",
        tcm_configs.update,
        _scope("uat_configs:update"),
    ),
    Route(
        "DELETE",
        _CONFIGS + "/{config}",
        tcm_configs.delete,
        _scope("uat_configs:delete"),
    ),
    Route("GET", _TENANT, tcm_tenant.get_tenant, _scope("tenants:read")),
    Route("GET", _TENANT + "/sites", tcm_tenant.list_sites, _scope("sites:read")),
    Route("GET", _SITE, tcm_tenant.get_site, _scope("sites:read")),
    Route("GET", _TENANT + "/users", tcm_tenant.list_users, _scope("users:read")),
    Route("POST", _TENANT + "/users", tcm_tenant.add_user, _scope("users:create")),
    Route("PUT", _OIDC, tcm_tenant.put_oidc, _scope("oidc_configs:update")),
    Route("GET", _OIDC, tcm_tenant.get_oidc, _scope("oidc_configs:read")),
    Route("DELETE", _OIDC, tcm_tenant.delete_oidc, _scope("oidc_configs:delete")),
    *(
        Route(method, base + "/activitylog", handler, _scope(logs + ":read"))
        for base, logs in ((_TENANT, "tenants_logs"), (_SITE, "sites_logs"))
        for method, handler in (
            ("GET", tcm_logs.list_files),
            ("POST", tcm_logs.make_urls),
        )
    ),
    Route("GET", "/download/{number}", tcm_logs.download, needs_session=False),
)
