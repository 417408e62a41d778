"""JWTs and keys, taken apart and put together without signet."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

TENANT_CLAIM = "https://tableau.com/tenantId"


def b64(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def header(token: str) -> dict[str, Any]:
    return json.loads(unb64(token.split(".")[0]))


def claims(token: str) -> dict[str, Any]:
    return json.loads(unb64(token.split(".")[1]))


def number(value: int) -> str:
    """RFC 7518, section 2: Base64urlUInt."""
    return b64(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def thumbprint(key: rsa.RSAPublicKey) -> str:
    """RFC 7638, section 3, from the numbers of the key."""
    numbers = key.public_numbers()
    text = '{{"e":"{}","kty":"RSA","n":"{}"}}'.format(
        number(numbers.e), number(numbers.n)
    )
    return b64(hashlib.sha256(text.encode()).digest())


def public_pem(key: rsa.RSAPublicKey) -> str:
    return key.public_bytes(
        serialization.Encoding.PEM,
        serialization.PublicFormat.SubjectPublicKeyInfo,
    ).decode()


def jwk(key: rsa.RSAPublicKey, kid: str) -> dict[str, str]:
    numbers = key.public_numbers()
    return {
        "kty": "RSA",
        "kid": kid,
        "n": number(numbers.n),
        "e": number(numbers.e),
    }


def rs256(key: rsa.RSAPrivateKey):
    return lambda text: key.sign(text, padding.PKCS1v15(), hashes.SHA256())


def hs256(secret: bytes):
    return lambda text: hmac.new(secret, text, hashlib.sha256).digest()


def unsigned(text: bytes) -> bytes:
    return b""


def compact(head: dict[str, Any], body: dict[str, Any], sign) -> str:
    parts = [b64(json.dumps(part).encode()) for part in (head, body)]
    text = ".".join(parts)
    return f"{text}.{b64(sign(text.encode()))}"
