"""A tenant with a key and a configuration, as a test wants it: ready to vary.

JWTs are made by PyJWT with a software key. Nothing here belongs to the
simulator; it is the client that its tests need.
"""

from __future__ import annotations

import json
import time
import uuid
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from simulator import Reply, Simulator

ISSUER = "https://issuer.example"
TENANT_CLAIM = "https://tableau.com/tenantId"
SCOPES = [
    "tableau:tcm_sites:read",
    "tableau:content:read",
    "tableau:users:read",
]
LOGIN = "/api/v1/jwt/login"
CONFIGS = "/api/v1/uat-configurations"


def new_key(bits: int = 2048) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def public_pem(key: rsa.RSAPrivateKey) -> str:
    return (
        key.public_key()
        .public_bytes(
            serialization.Encoding.PEM,
            serialization.PublicFormat.SubjectPublicKeyInfo,
        )
        .decode()
    )


def key_set(key: rsa.RSAPrivateKey, kid: str = "k1") -> dict[str, Any]:
    public = json.loads(RSAAlgorithm.to_jwk(key.public_key()))
    return {"keys": [{**public, "kid": kid, "use": "sig", "alg": "RS256"}]}


class Tenant:
    def __init__(self, sim: Simulator, key: rsa.RSAPrivateKey) -> None:
        state = sim.state()
        self.sim = sim
        self.key = key
        self.id = state["tenantId"]
        self.site, self.other_site = state["sites"]
        self.admin, self.viewer = state["admin"], state["viewer"]
        self._pat_session = ""

    # Configurations

    def config_body(self, **changes: Any) -> dict[str, Any]:
        return {
            "name": "signet",
            "issuer": ISSUER,
            "publicKey": public_pem(self.key),
            "usernameClaim": "email",
            "resourceIds": [self.id, self.site["luid"]],
            "scopes": SCOPES,
            "enabled": True,
            **changes,
        }

    def configure(self, **changes: Any) -> dict[str, Any]:
        reply = self.tcm("POST", CONFIGS, self.config_body(**changes))
        assert reply.status < 300, reply.body
        return reply.json()

    # JWTs

    def claims(self, *without: str, **changes: Any) -> dict[str, Any]:
        now = int(time.time())
        claims = {
            "iss": ISSUER,
            "iat": now,
            "exp": now + 300,
            "jti": str(uuid.uuid4()),
            TENANT_CLAIM: self.id,
            "email": self.admin,
            "scp": SCOPES,
            **changes,
        }
        return {k: v for k, v in claims.items() if k not in without}

    def jwt(
        self,
        *without: str,
        key: Any = None,
        alg: str = "RS256",
        headers: dict[str, Any] | None = None,
        **changes: Any,
    ) -> str:
        claims = self.claims(*without, **changes)
        return jwt.encode(claims, key or self.key, alg, headers)

    # Calls

    def login(self, token: str) -> Reply:
        return self.sim.request("POST", LOGIN, {"token": token})

    def verdict(self, token: str) -> str:
        """What TCM truly thinks of this JWT: `ok`, or the logged reason."""
        reply = self.login(token)
        reason = self.sim.last_reason()
        assert reply.status == (200 if reason == "ok" else 401)
        if reason != "ok":
            assert reason not in reply.body.decode()
        return reason

    def signin(
        self, token: str, site: str | None = None, version: str = "3.28"
    ) -> Reply:
        name = self.site["contentUrl"] if site is None else site
        credentials = {"jwt": token, "isUat": True, "site": {"contentUrl": name}}
        path = f"/api/{version}/auth/signin"
        return self.sim.request("POST", path, {"credentials": credentials})

    def pat_login(self, pat: str = "pat") -> Reply:
        body = {"token": self.sim.file(pat)}
        return self.sim.request("POST", "/api/v1/pat/login", body)

    def tcm(
        self,
        method: str,
        path: str,
        body: Any = None,
        session: str = "",
        if_match: str = "",
    ) -> Reply:
        """A TCM call, in a PAT's session unless another is given."""
        if not session:
            if not self._pat_session:
                self._pat_session = self.pat_login().json()["sessionToken"]
            session = self._pat_session
        headers = {"x-tableau-session-token": session}
        if if_match:
            headers["If-Match"] = if_match
        return self.sim.request(method, path, body, headers)

    def rest(self, method: str, path: str, token: str, **headers: str) -> Reply:
        sent = {"X-Tableau-Auth": token, **headers}
        return self.sim.request(method, f"/api/3.28/{path}", None, sent)
