"""The judgement of a UAT JWT. PyJWT checks every signature, never our code.

The client is told nothing but 401; each refusal carries one of REASONS, which
is listed in the order of the checks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Callable

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.utils import base64url_decode, base64url_encode

import keyset
import scopes as scope_rules
from configuration import Configuration
from store import User
from wire import Refused, strict_json
from world import World

TENANT_CLAIM = "https://tableau.com/tenantId"
TABLEAU_MAX_BYTES = 8192
LAST_DATE = 253402300800  # the end of year 9999

REASONS = {
    "too-large": "compact form over the size bound",
    "malformed": "not three canonical base64url parts of strict JSON objects",
    "alg-not-rs256": "header alg is anything but RS256",
    "typ-not-jwt": "header typ is present and not JWT",
    "tenant-mismatch": "tenantId claim is absent or another tenant's",
    "issuer-unknown": "no configuration has this iss",
    "config-disabled": "every configuration with this iss is disabled",
    "kid-missing": "the configuration has a jwksUri, the header no kid",
    "jwks-unreachable": "the jwksUri gave no 200 within 30 s",
    "jwks-invalid": "what it gave is no usable key set of at most 64 KiB",
    "kid-unknown": "no key in the set has this kid",
    "bad-signature": "signature does not verify with the configuration's key",
    "time-not-number": "exp, iat or nbf is not a NumericDate",
    "exp-missing": "no exp",
    "expired": "exp is past",
    "iat-future": "iat is further ahead than the clock skew",
    "nbf-future": "nbf is further ahead than the clock skew",
    "lifetime-too-long": "exp minus iat exceeds max-lifetime",
    "jti-missing": "no jti, or an empty one",
    "jti-revoked": "this jti was revoked",
    "username-missing": "the claim that usernameClaim names is absent",
    "user-unknown": "no such user",
    "scp-not-array": "scp is absent or not an array of strings",
    "scp-empty": "scp names no scope",
    "scope-grammar": "a scope is not tableau:resource:action",
    "scope-wildcard": "a wildcard against a configuration that lists scopes",
    "scope-not-in-config": "a scope that the configuration does not list",
    "resource-not-listed": "resourceIds lacks the tenant or the site",
    "not-cloud-admin": "TCM: the user is no cloud administrator",
    "not-on-site": "Tableau REST: the user is no member of the site",
    "jti-replayed": "this jti was accepted before (jti-replay=refuse)",
}
_DEPTH = {reason: depth for depth, reason in enumerate(REASONS)}
_COMPACT = re.compile(r"[\w-]+\.[\w-]+\.[\w-]+", re.ASCII)


@dataclass(frozen=True)
class Gate:
    """What one service asks beyond a sound JWT. `admit` raises Refused."""

    resource_id: str
    admit: Callable[[User], None]
    max_bytes: int


@dataclass(frozen=True)
class Verdict:
    user: User
    scopes: frozenset[str]


@dataclass(frozen=True)
class Token:
    text: str
    header: dict[str, Any]
    claims: dict[str, Any]


def judge(world: World, text: str, gate: Gate) -> Verdict:
    """Who the JWT signs in and with what scopes; else Refused."""
    try:
        return _judge(world, text, gate)
    except Refused as refused:
        refused.code = "401001"  # one code for every reason
        raise


def _judge(world: World, text: str, gate: Gate) -> Verdict:
    token = _parse(text, gate.max_bytes)
    refusals = []
    for config in _candidates(world, token.claims):
        try:
            verdict = _weigh(world, token, config, gate)
            break
        except Refused as refused:
            refusals.append(refused)
    else:
        # The candidate that got furthest is the one that was meant.
        raise max(refusals, key=lambda refused: _DEPTH[refused.reason])
    fresh = world.store.spend_jti(token.claims["jti"])
    if not fresh and world.options["jti-replay"] == "refuse":
        raise Refused("jti-replayed")
    return verdict


def _parse(text: str, max_bytes: int) -> Token:
    if max_bytes and len(text) > max_bytes:
        raise Refused("too-large", message="Signin Error (101002)")
    if not _COMPACT.fullmatch(text):
        raise Refused("malformed", note="not three base64url parts")
    try:
        header, claims, _ = (_decode(part) for part in text.split("."))
        token = Token(text, strict_json(header), strict_json(claims))
    except ValueError as error:
        raise Refused("malformed", note=str(error)) from None
    if not isinstance(token.header, dict) or not isinstance(token.claims, dict):
        raise Refused("malformed", note="header or claims are no object")
    if token.header.get("alg") != "RS256":
        raise Refused("alg-not-rs256")
    if token.header.get("typ", "JWT") != "JWT":
        raise Refused("typ-not-jwt")
    return token


def _decode(part: str) -> bytes:
    """Base64url, and only its canonical form: PyJWT itself is lenient."""
    octets = base64url_decode(part)
    if base64url_encode(octets) != part.encode():
        raise ValueError("base64url is not canonical")
    return octets


def _candidates(world: World, claims: dict[str, Any]) -> list[Configuration]:
    if claims.get(TENANT_CLAIM) != world.store.tenant_id:
        raise Refused("tenant-mismatch")
    same_issuer = [
        config
        for config in world.store.configurations()
        if config.issuer == claims.get("iss")
    ]
    if not same_issuer:
        raise Refused("issuer-unknown")
    enabled = [config for config in same_issuer if config.enabled]
    if not enabled:
        raise Refused("config-disabled")
    return enabled


def _weigh(
    world: World, token: Token, config: Configuration, gate: Gate
) -> Verdict:
    _check_signature(token, _key(world, token, config))
    _check_times(world, token.claims)
    jti = token.claims.get("jti")
    if not isinstance(jti, str) or not jti:
        raise Refused("jti-missing")
    if world.store.is_revoked(jti):
        raise Refused("jti-revoked")
    user = _user(world, token.claims, config)
    granted = _scopes(token.claims.get("scp"), config)
    if gate.resource_id not in config.resource_ids:
        raise Refused("resource-not-listed")
    gate.admit(user)
    return Verdict(user, granted)


def _key(
    world: World, token: Token, config: Configuration
) -> str | rsa.RSAPublicKey:
    if config.jwks_uri is None:
        return config.public_key or ""
    kid = token.header.get("kid")
    if not isinstance(kid, str) or not kid:
        raise Refused("kid-missing")
    return keyset.fetch_key(config.jwks_uri, kid, world.trust)


def _check_signature(token: Token, key: str | rsa.RSAPublicKey) -> None:
    # PyJWT would judge times by the wall clock; ours moves.
    ours = ("exp", "nbf", "iat", "aud", "iss")
    options = {f"verify_{claim}": False for claim in ours}
    try:
        jwt.decode(token.text, key, algorithms=["RS256"], options=options)
    except jwt.InvalidTokenError as error:
        raise Refused("bad-signature", note=str(error)) from None


def _check_times(world: World, claims: dict[str, Any]) -> None:
    now, skew = world.clock.now(), world.options.number("clock-skew")
    exp, iat, nbf = (_numeric_date(claims, n) for n in ("exp", "iat", "nbf"))
    if exp is None:
        raise Refused("exp-missing")
    if exp <= now:
        raise Refused("expired")
    if iat is not None and iat > now + skew:
        raise Refused("iat-future")
    if nbf is not None and nbf > now + skew:
        raise Refused("nbf-future")
    longest = world.options.number("max-lifetime")
    if longest and exp - (now if iat is None else iat) > longest:
        raise Refused("lifetime-too-long")


def _numeric_date(claims: dict[str, Any], name: str) -> float | None:
    if name not in claims:
        return None
    value = claims[name]
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not is_number or not abs(value) < LAST_DATE:  # NaN fails this too
        raise Refused("time-not-number", note=name)
    return value


def _user(world: World, claims: dict[str, Any], config: Configuration) -> User:
    name = claims.get(config.username_claim)
    if not isinstance(name, str) or not name:
        raise Refused("username-missing", note=config.username_claim)
    user = world.store.user_named(name)
    if user is None:
        raise Refused("user-unknown")
    return user


def _scopes(scp: Any, config: Configuration) -> frozenset[str]:
    if not isinstance(scp, list) or not all(isinstance(s, str) for s in scp):
        raise Refused("scp-not-array")
    if not scp:
        raise Refused("scp-empty")
    for scope in scp:
        if not scope_rules.well_formed(scope):
            raise Refused("scope-grammar", note=scope)
        if not config.scopes or scope in config.scopes:
            continue
        if scope_rules.is_wildcard(scope):
            raise Refused("scope-wildcard", note=scope)
        if not scope_rules.covers(config.scopes, scope):
            raise Refused("scope-not-in-config", note=scope)
    return frozenset(scp)
