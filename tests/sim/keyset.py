"""Fetches a configuration's JWKS over HTTPS and picks the key that a JWT names.

Nothing is cached: what the real service keeps, and how long, is not
established. Redirects are not followed and proxies not used.
"""

from __future__ import annotations

import http.client
import ssl
import time
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm
from jwt.exceptions import PyJWTError

from configuration import MIN_RSA_BITS
from wire import Refused, strict_json

TIMEOUT_S = 30
MAX_BYTES = 64 * 1024


def fetch_key(uri: str, kid: str, trust: ssl.SSLContext) -> rsa.RSAPublicKey:
    document = _read_json(uri, trust)
    keys = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(keys, list):
        raise Refused("jwks-invalid", note="no list of keys")
    matching = [k for k in keys if isinstance(k, dict) and k.get("kid") == kid]
    if not matching:
        raise Refused("kid-unknown")
    if len(matching) > 1:
        raise Refused("jwks-invalid", note="kid occurs twice")
    return _public_key(matching[0])


def _read_json(uri: str, trust: ssl.SSLContext) -> Any:
    try:
        status, body = _get(uri, trust)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Refused("jwks-unreachable", note=str(error)) from None
    if status != 200:
        raise Refused("jwks-unreachable", note=f"status {status}")
    if len(body) > MAX_BYTES:
        raise Refused("jwks-invalid", note="too big")
    try:
        return strict_json(body)
    except ValueError as error:
        raise Refused("jwks-invalid", note=str(error)) from None


def _get(uri: str, trust: ssl.SSLContext) -> tuple[int, bytes]:
    parts = urlsplit(uri)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    deadline = time.monotonic() + TIMEOUT_S
    connection = http.client.HTTPSConnection(
        parts.hostname or "", parts.port, timeout=TIMEOUT_S, context=trust
    )
    try:
        headers = {"User-Agent": "signet-sim", "Accept": "application/json"}
        connection.request("GET", target, headers=headers)
        reply = connection.getresponse()
        body = b""
        while len(body) <= MAX_BYTES and (chunk := reply.read1(8192)):
            body += chunk
            if time.monotonic() > deadline:
                raise TimeoutError("too slow")
        return reply.status, body
    finally:
        connection.close()


def _public_key(jwk: dict[str, Any]) -> rsa.RSAPublicKey:
    if jwk.get("kty") != "RSA" or "d" in jwk:
        raise Refused("jwks-invalid", note="not a public RSA key")
    if jwk.get("use", "sig") != "sig" or jwk.get("alg", "RS256") != "RS256":
        raise Refused("jwks-invalid", note="key is not for RS256 signatures")
    try:
        key = RSAAlgorithm.from_jwk(jwk)
    except (PyJWTError, ValueError, TypeError, KeyError) as error:
        raise Refused("jwks-invalid", note=str(error)) from None
    if key.key_size < MIN_RSA_BITS:
        raise Refused("jwks-invalid", note=f"below {MIN_RSA_BITS} bits")
    return key
