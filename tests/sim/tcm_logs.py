"""Tableau Cloud Manager: activity logs, a list of files and their URLs."""

from __future__ import annotations

import json
import secrets
import uuid
from datetime import datetime, timedelta

from paging import page_by_token
from routes import Call
from wire import JSON_TYPE, Refused, Response, json_response
from world import World

LONGEST_SPAN = timedelta(days=7)
URL_LIFE_S = 10 * 60
CREDENTIALS = (
    "x-tableau-session-token",
    "X-Tableau-Auth",
    "Authorization",
    "Cookie",
)
NAMES = ("2026-01-01/00.json", "2026-01-01/01.json", "2026-01-01/02.json")


def list_files(world: World, call: Call) -> Response:
    query = call.request.query
    _check_span(query.get("startTime", ""), query.get("endTime", ""))
    files = [
        {"path": path, "size": len(content)}
        for path, content in _files(world, call).items()
    ]
    part, following = page_by_token(
        files, query.get("pageSize", ""), query.get("pageToken", "")
    )
    return json_response({"files": part, "pageToken": following})


def make_urls(world: World, call: Call) -> Response:
    wanted = call.request.json_object().get("files")
    files = _files(world, call)
    if not isinstance(wanted, list) or not wanted:
        raise Refused("files-missing", 400)
    if not all(isinstance(path, str) and path in files for path in wanted):
        raise Refused("no-such-file", 404)
    dies = world.clock.now() + URL_LIFE_S
    answer = []
    for path in wanted:
        number, signature = str(uuid.uuid4()), secrets.token_urlsafe(24)
        world.store.downloads[number] = (dies, signature, files[path])
        url = f"{world.base_url}/download/{number}?signature={signature}"
        answer.append({"path": path, "url": url})
    return json_response({"files": answer})


def download(world: World, call: Call) -> Response:
    """The URL is all the credentials: any other here is a leak."""
    if any(call.request.header(name) for name in CREDENTIALS):
        raise Refused("session-header-leaked", 400)
    dies, signature, content = world.store.downloads.get(
        call.params["number"], (0, "", b"")
    )
    if call.request.query.get("signature", "") != signature:
        raise Refused("signature-wrong", 403)
    if world.clock.now() >= dies:
        raise Refused("download-expired", 403)
    return Response(200, content, JSON_TYPE)


def _files(world: World, call: Call) -> dict[str, bytes]:
    """The same three files for the tenant and for each site."""
    owner = call.params.get("site", world.store.tenant_id)
    event = json.dumps({"eventType": "login", "resource": owner}) + "\n"
    return {f"{owner}/{name}": event.encode() for name in NAMES}


def _check_span(start: str, end: str) -> None:
    if not start and not end:
        return
    try:
        first, last = (datetime.fromisoformat(text) for text in (start, end))
        span = last - first
    except (ValueError, TypeError):
        raise Refused("time-invalid", 400) from None
    if not timedelta(0) <= span <= LONGEST_SPAN:
        raise Refused("time-span-invalid", 400)
