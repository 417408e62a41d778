"""The Tableau REST API: server info, sign-in with a UAT JWT, a few reads."""

from __future__ import annotations

import re
from typing import Any

import scopes as scope_rules
import tsxml
from judge import TABLEAU_MAX_BYTES, Gate, judge
from paging import page_by_number
from routes import Call, Route, find
from store import TABLEAU, Session, SessionLost, Site, User
from wire import Refused, Request, Response, json_response
from world import World

SESSION_HEADER = "X-Tableau-Auth"
FIRST_UAT_VERSION = (3, 27)
SIGNIN_ERROR = ("Signin Error", "Error signing in to Tableau Server")
SUMMARIES = {
    "400000": ("Bad Request", "The body cannot be read"),
    "401000": ("Unauthorized", "No credentials were sent"),
    "401001": SIGNIN_ERROR,
    "401002": ("Unauthorized", "The credentials sent are not valid here"),
    "403004": ("Forbidden", "This user may not do that"),
    "404000": ("Not Found", "No such site"),
    "404003": ("Not Found", "No such resource"),
    "405000": ("Method Not Allowed", "This resource has another method"),
}


def handle(world: World, request: Request) -> Response:
    try:
        route, params = find(ROUTES, request)
        if route.handler is not server_info:
            _check_version(world, params["version"])
        return route.handler(world, _admit(world, route, request, params))
    except Refused as refused:
        return _error(request, refused)


def _admit(
    world: World, route: Route, request: Request, params: dict[str, str]
) -> Call:
    if not route.needs_session:
        return Call(request, params)
    token = request.header(SESSION_HEADER)
    if not token:
        raise Refused("session-missing", code="401000")
    try:
        session = world.store.use_session(TABLEAU, token)
    except SessionLost as lost:
        raise Refused(str(lost), code="401002") from None
    granted = session.scopes or frozenset()
    if route.scopes and not any(
        scope_rules.covers(granted, scope) for scope in route.scopes
    ):
        note = " or ".join(route.scopes)
        raise Refused("scope-missing", code="401002", note=note)
    if params.get("site", _site(session).luid) != _site(session).luid:
        raise Refused("other-site", 404)
    return Call(request, params, session, token)


def _check_version(world: World, version: str) -> None:
    known = _version(world.options["rest-version"])
    if not re.fullmatch(r"\d+\.\d+", version) or _version(version) > known:
        raise Refused("version-unknown", 404, "404003")


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split("."))


def _site(session: Session) -> Site:
    assert session.site is not None
    return session.site


# Methods


def server_info(world: World, call: Call) -> Response:
    info = {
        "productVersion": {"value": "2026.1.0", "build": "20261.26.0101.0000"},
        "restApiVersion": world.options["rest-version"],
    }
    return _answer(call.request, {"serverInfo": info})


def sign_in(world: World, call: Call) -> Response:
    jwt_text, site = _credentials(world, call)

    def members_only(user: User) -> None:
        if site.luid not in user.site_luids:
            raise Refused("not-on-site")

    gate = Gate(site.luid, members_only, TABLEAU_MAX_BYTES)
    verdict = judge(world, jwt_text, gate)
    token, _ = world.store.open_session(
        TABLEAU, verdict.user, verdict.scopes, site
    )
    credentials = {
        "site": {"id": site.luid, "contentUrl": site.content_url},
        "user": {"id": verdict.user.id},
        "token": token,
    }
    return _answer(call.request, {"credentials": credentials})


def _credentials(world: World, call: Call) -> tuple[str, Site]:
    request = call.request
    as_json = request.sends_json
    try:
        body = request.json_object() if as_json else tsxml.parse(request.body)
    except ValueError as error:
        raise Refused("body-not-xml", 400, note=str(error)) from None
    credentials = body.get("credentials")
    if not isinstance(credentials, dict):
        raise Refused("credentials-missing", 400)
    jwt_text, site_named = credentials.get("jwt"), credentials.get("site")
    if not isinstance(jwt_text, str) or not isinstance(site_named, dict):
        raise Refused("credentials-incomplete", 400)
    # A JSON boolean, an XML attribute: the text "true" is wrong in JSON.
    is_uat = credentials.get("isUat")
    if (is_uat is not True) if as_json else (is_uat != "true"):
        raise Refused("not-uat", code="401001")
    is_old = _version(call.params["version"]) < FIRST_UAT_VERSION
    if is_old and world.options["old-signin"] == "refuse":
        raise Refused("version-too-old", code="401001")
    site = world.store.site_by(content_url=site_named.get("contentUrl", ""))
    if site is None:
        raise Refused("site-unknown", code="401001")
    return jwt_text, site


def sign_out(world: World, call: Call) -> Response:
    world.store.close_session(call.token)
    return Response(world.options.number("rest-signout-status"))


def current_session(world: World, call: Call) -> Response:
    assert call.session is not None
    user = call.session.user
    body = {
        "site": _site_body(_site(call.session)),
        "user": {"id": user.id, "name": user.email},
    }
    return _answer(call.request, {"session": body})


def get_site(world: World, call: Call) -> Response:
    assert call.session is not None
    return _answer(call.request, {"site": _site_body(_site(call.session))})


def _site_body(site: Site) -> dict[str, str]:
    return {"id": site.luid, "name": site.name, "contentUrl": site.content_url}


def list_users(world: World, call: Call) -> Response:
    """Scopes cap the user's own rights and never add to them."""
    assert call.session is not None
    if not call.session.user.is_cloud_admin:
        raise Refused("user-lacks-right", 403, "403004")
    luid = _site(call.session).luid
    users = [
        {"id": user.id, "name": user.email, "siteRole": _site_role(user)}
        for user in world.store.users
        if luid in user.site_luids
    ]
    return _paged(call, "users", "user", users)


def _site_role(user: User) -> str:
    return "SiteAdministratorCreator" if user.is_cloud_admin else "Viewer"


def list_workbooks(world: World, call: Call) -> Response:
    return _paged(call, "workbooks", "workbook", _content("Tides", "Fleet"))


def list_projects(world: World, call: Call) -> Response:
    return _paged(call, "projects", "project", _content("default"))


def _content(*names: str) -> list[dict[str, str]]:
    return [
        {"id": f"00000000-0000-4000-8000-{number:012d}", "name": name}
        for number, name in enumerate(names, start=1)
    ]


def _paged(
    call: Call, plural: str, singular: str, items: list[dict[str, str]]
) -> Response:
    query = call.request.query
    size, number = query.get("pageSize", "100"), query.get("pageNumber", "1")
    part = page_by_number(items, size, number, first=1)
    pagination = {
        "pageNumber": number,
        "pageSize": size,
        "totalAvailable": str(len(items)),
    }
    body = {"pagination": pagination, plural: {singular: part}}
    return _answer(call.request, body)


# Answers


def _answer(request: Request, body: dict[str, Any], status: int = 200) -> Response:
    """JSON only for those who ask for it: XML is what Tableau answers in."""
    if request.wants_json:
        return json_response(body, status)
    return Response(status, tsxml.render(body), "application/xml;charset=utf-8")


def _error(request: Request, refused: Refused) -> Response:
    fallback = (str(refused.status), "The request was refused")
    summary, detail = SUMMARIES.get(refused.code, fallback)
    error = {
        "code": refused.code,
        "summary": summary,
        "detail": refused.message or detail,
    }
    response = _answer(request, {"error": error}, refused.status)
    response.reason, response.note = refused.reason, refused.note
    return response


_ANY = "/api/{version}"
_SITE = _ANY + "/sites/{site}"
_CONTENT = "tableau:content:read"

ROUTES = (
    Route("GET", _ANY + "/serverinfo", server_info, needs_session=False),
    Route("GET", _ANY + "/serverInfo", server_info, needs_session=False),
    Route("POST", _ANY + "/auth/signin", sign_in, needs_session=False),
    Route("POST", _ANY + "/auth/signout", sign_out),
    Route("GET", _ANY + "/sessions/current", current_session),
    Route("GET", _SITE, get_site, (_CONTENT, "tableau:sites:read")),
    Route("GET", _SITE + "/users", list_users, ("tableau:users:read",)),
    Route("GET", _SITE + "/workbooks", list_workbooks, (_CONTENT,)),
    Route("GET", _SITE + "/projects", list_projects, (_CONTENT,)),
)
