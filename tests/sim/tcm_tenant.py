"""Tableau Cloud Manager: the tenant, its sites, its users, OIDC."""

from __future__ import annotations

import uuid

from paging import page_by_number, page_by_token
from routes import Call
from store import Site, User
from wire import Refused, Response, json_response
from world import World


def get_tenant(world: World, call: Call) -> Response:
    return json_response(
        {"tenantId": world.store.tenant_id, "name": "signet-example"}
    )


def list_sites(world: World, call: Call) -> Response:
    query, sites = call.request.query, world.store.sites
    size = query.get("maxResults") or query.get("pageSize", "")
    if world.options["sites-paging"] == "number":
        part = page_by_number(sites, size, query.get("pageNumber", ""))
        return json_response({"sites": [_site_json(s) for s in part]})
    part, following = page_by_token(sites, size, query.get("pageToken", ""))
    return json_response(
        {"sites": [_site_json(s) for s in part], "pageToken": following}
    )


def get_site(world: World, call: Call) -> Response:
    site = world.store.site_by(luid=call.params["site"])
    assert site is not None
    return json_response(_site_json(site))


def _site_json(site: Site) -> dict[str, object]:
    return {
        "siteUUID": site.luid,
        "name": site.name,
        "contentUrl": site.content_url,
        "instance": {"id": site.pod},
    }


def list_users(world: World, call: Call) -> Response:
    query = call.request.query
    part, following = page_by_token(
        world.store.users,
        query.get("maxResults", ""),
        query.get("pageToken", ""),
    )
    return json_response(
        {
            "users": [_user_json(user) for user in part],
            world.options["users-page-key"]: following,
        }
    )


def add_user(world: World, call: Call) -> Response:
    body = call.request.json_object()
    if not isinstance(body.get("linkRoles"), list):
        raise Refused("link-roles-missing", 400)
    email = str(body.get("email") or f"{uuid.uuid4()}@signet.example")
    return json_response(_user_json(world.store.add_user(email, body)))


def _user_json(user: User) -> dict[str, object]:
    return {**user.added_as, "userId": user.id, "email": user.email}


def put_oidc(world: World, call: Call) -> Response:
    document = call.request.json_object()
    world.store.oidc[_resource(world, call)] = document
    return json_response(document)


def get_oidc(world: World, call: Call) -> Response:
    document = world.store.oidc.get(_resource(world, call))
    if document is None:
        raise Refused("no-such-oidc", 404)
    return json_response(document)


def delete_oidc(world: World, call: Call) -> Response:
    if world.store.oidc.pop(_resource(world, call), None) is None:
        raise Refused("no-such-oidc", 404)
    return Response(world.options.number("delete-status"))


def _resource(world: World, call: Call) -> str:
    resource_id = call.params["resource"]
    if resource_id not in world.store.resource_ids():
        raise Refused("no-such-resource", 404)
    return resource_id
