"""Tableau Cloud Manager: the CRUD of UAT configurations."""

from __future__ import annotations

import hashlib
import uuid
from typing import Any

import configuration
from paging import page_by_number, page_by_token
from routes import Call
from store import DuplicateName
from wire import Refused, Response, json_response
from world import World


def create(world: World, call: Call) -> Response:
    config = _put_configuration(world, call, str(uuid.uuid4()))
    status = world.options.number("create-status")
    return json_response(config.as_json(world.store.tenant_id), status)


def list_all(world: World, call: Call) -> Response:
    tenant_id, shape = world.store.tenant_id, world.options["id-shape"]
    found = [
        config.as_json(tenant_id, shape)
        for config in world.store.configurations()
    ]
    page, following = _page(world, call, found)
    envelope = {
        "bare": page,
        "keyed": {"uatConfigurations": page, **following},
        "other": {"totalCount": len(found), "items": page, **following},
    }
    return json_response(envelope[world.options["list-envelope"]])


def _page(
    world: World, call: Call, found: list[Any]
) -> tuple[list[Any], dict[str, str | None]]:
    query, size = call.request.query, world.options["list-page-size"]
    if world.options["list-paging"] == "token":
        page, token = page_by_token(found, size, query.get("pageToken", ""))
        return page, {"nextPageToken": token}
    if world.options["list-paging"] == "number":
        return page_by_number(found, size, query.get("pageNumber", "")), {}
    return found, {}


def get(world: World, call: Call) -> Response:
    config = _named(world, call)
    response = json_response(config.as_json(world.store.tenant_id))
    if world.options["etags"] == "on":
        response.headers["ETag"] = _entity_tag(config)
    return response


def update(world: World, call: Call) -> Response:
    before = _named(world, call)
    wanted = call.request.header("If-Match")
    if world.options["etags"] == "on" and wanted not in ("", _entity_tag(before)):
        raise Refused("entity-tag-stale", 412)
    config = _put_configuration(world, call, before.config_id)
    status = world.options.number("update-status")
    return json_response(config.as_json(world.store.tenant_id), status)


def delete(world: World, call: Call) -> Response:
    config = _named(world, call)
    world.store.delete_configuration(config.config_id)
    return Response(world.options.number("delete-status"))


def _named(world: World, call: Call) -> configuration.Configuration:
    config = world.store.configuration(call.params["config"])
    if config is None:
        raise Refused("no-such-configuration", 404)
    return config


def _put_configuration(
    world: World, call: Call, config_id: str
) -> configuration.Configuration:
    config = configuration.from_body(
        call.request.json_object(), config_id, world.store.resource_ids()
    )
    try:
        world.store.put_configuration(config)
    except DuplicateName:
        message = "a configuration of this name exists"
        raise Refused("name-taken", 409, message=message) from None
    return config


def _entity_tag(config: configuration.Configuration) -> str:
    """A strong one (RFC 9110, section 8.8.3): the same for the same content."""
    return '"' + hashlib.sha256(repr(config).encode()).hexdigest()[:16] + '"'
