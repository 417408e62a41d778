"""A UAT configuration: what a create or a PUT must hold, and how it reads back.

PUT replaces the whole object, so both take the same body and the same checks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

import scopes as scope_rules
from wire import Refused

MIN_RSA_BITS = 2048  # RFC 7518, section 3.3
PEM_HEADER = "-----BEGIN PUBLIC KEY-----"


@dataclass(frozen=True)
class Configuration:
    config_id: str
    name: str
    issuer: str
    public_key: str | None
    jwks_uri: str | None
    username_claim: str
    resource_ids: tuple[str, ...]
    scopes: tuple[str, ...]
    enabled: bool

    def as_json(self, tenant_id: str, id_shape: str = "string") -> dict[str, Any]:
        return {
            "id": self._id(tenant_id, id_shape),
            "tenantId": tenant_id,
            "configId": self.config_id,
            "name": self.name,
            "issuer": self.issuer,
            "publicKeyActive": self.public_key,
            "publicKey": None,
            "jwksUri": self.jwks_uri,
            "usernameClaim": self.username_claim,
            "resourceIds": list(self.resource_ids),
            # A set on the service: never rely on the order sent.
            "scopes": [*self.scopes[1:], *self.scopes[:1]],
            "enabled": self.enabled,
        }

    def _id(self, tenant_id: str, shape: str) -> str | dict[str, str]:
        if shape == "object":
            return {"tenantId": tenant_id, "configId": self.config_id}
        return (
            f"UatConfigurationId{{tenantId={tenant_id}, "
            f"configId={self.config_id}}}"
        )


def from_body(
    body: dict[str, Any], config_id: str, known_resources: set[str]
) -> Configuration:
    """The configuration that a create or PUT body describes, or a 400."""
    public_key, jwks_uri = body.get("publicKey"), body.get("jwksUri")
    if (public_key is None) == (jwks_uri is None):
        raise _invalid("give either publicKey or jwksUri")
    if public_key is not None:
        _check_public_key(public_key)
    else:
        _check_jwks_uri(jwks_uri)
    if not isinstance(body.get("enabled"), bool):
        raise _invalid("enabled must be true or false")
    return Configuration(
        config_id=config_id,
        name=_text(body, "name"),
        issuer=_text(body, "issuer"),
        public_key=public_key,
        jwks_uri=jwks_uri,
        username_claim=_text(body, "usernameClaim"),
        resource_ids=_resource_ids(body.get("resourceIds"), known_resources),
        scopes=_scopes(body.get("scopes")),
        enabled=body["enabled"],
    )


def _invalid(message: str) -> Refused:
    return Refused("config-invalid", 400, message=message, note=message)


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value.strip():
        raise _invalid(f"{name} must be a text")
    return value


def _check_public_key(pem: Any) -> None:
    if not isinstance(pem, str) or not pem.startswith(PEM_HEADER):
        raise _invalid("publicKey must be a PEM SubjectPublicKeyInfo")
    try:
        key = serialization.load_pem_public_key(pem.encode())
    except ValueError:
        raise _invalid("publicKey cannot be read") from None
    if not isinstance(key, rsa.RSAPublicKey) or key.key_size < MIN_RSA_BITS:
        raise _invalid(f"publicKey must be RSA of {MIN_RSA_BITS} bits or more")


def _check_jwks_uri(uri: Any) -> None:
    parts = urlsplit(uri) if isinstance(uri, str) else None
    if parts is None or parts.scheme != "https" or not parts.hostname:
        raise _invalid("jwksUri must be an https URL")


def _resource_ids(value: Any, known: set[str]) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        raise _invalid("resourceIds must name the tenant or a site")
    for resource_id in value:
        if not isinstance(resource_id, str) or resource_id not in known:
            shown = "null" if resource_id in (None, "") else resource_id
            raise _invalid(f"Resource ID '{shown}' is not valid")
    return tuple(dict.fromkeys(value))


def _scopes(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise _invalid("scopes must be a list")
    for scope in value:
        if not scope_rules.well_formed(scope):
            raise _invalid(f"scope '{scope}' is not tableau:resource:action")
    return tuple(dict.fromkeys(value))
