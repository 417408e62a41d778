"""The simulated cloud as a test sees it: set up and watched without signet."""

from __future__ import annotations

from typing import Any

from simulator import Reply, Simulator

from cli_run import Signet, wait_until

ISSUER = "https://signet.example/issuer"
# Where no simulator says who they are.
TENANT = "1f2e3d4c-5b6a-4798-8a9b-0c1d2e3f4a5b"
USER = "ada@signet.example"
SCOPES = [
    "tableau:tcm_sites:read",
    "tableau:content:read",
    "tableau:users:read",
]
CONFIGS = "/api/v1/uat-configurations"
PAT_LOGIN = "POST /api/v1/pat/login"
JWT_LOGIN = "POST /api/v1/jwt/login"
SIGN_IN = "POST /api/3.28/auth/signin"


class Cloud:
    def __init__(self, sim: Simulator, signet: Signet, pem: str) -> None:
        self.sim = sim
        self.signet = signet
        self.pem = pem
        state = sim.state()
        self.tenant = state["tenantId"]
        self.site, self.other_site = state["sites"]
        self.admin, self.viewer = state["admin"], state["viewer"]
        self.sites_path = f"/tenants/{self.tenant}/sites"
        self.workbooks_path = f"/sites/{self.site['luid']}/workbooks"
        self._session = ""

    # Configurations, by the REST API

    def config_body(self, **changes: Any) -> dict[str, Any]:
        return {
            "name": "signet",
            "issuer": ISSUER,
            "publicKey": self.pem,
            "usernameClaim": "email",
            "resourceIds": [self.tenant, self.site["luid"]],
            "scopes": SCOPES,
            "enabled": True,
            **changes,
        }

    def configure(self, **changes: Any) -> dict[str, Any]:
        """A configuration that lets the token's JWTs in."""
        reply = self.rest("POST", CONFIGS, self.config_body(**changes))
        assert reply.status == 200, reply.body
        return reply.json()

    def configs(self) -> list[dict[str, Any]]:
        return self.rest("GET", CONFIGS).json()

    def config(self, config_id: str) -> dict[str, Any]:
        return self.rest("GET", f"{CONFIGS}/{config_id}").json()

    def rest(self, method: str, path: str, body: Any = None) -> Reply:
        if not self._session:
            login = {"token": self.sim.file("pat")}
            reply = self.sim.request("POST", "/api/v1/pat/login", login)
            self._session = reply.json()["sessionToken"]
        headers = {"x-tableau-session-token": self._session}
        return self.sim.request(method, path, body, headers)

    # What signet asked for

    def entries(self) -> list[dict[str, Any]]:
        return [
            entry
            for entry in self.sim.log()
            if (entry.get("user_agent") or "").startswith("signet/")
        ]

    def asked(self) -> list[str]:
        return [f"{e['method']} {e['path']}" for e in self.entries()]

    def wait_for_faults(self) -> None:
        """Until each ordered fault has met its request, which then waits."""
        wait_until(lambda: self.sim.state()["faults"] == 0)

    def logins(self) -> int:
        """Sign-ins that worked, with a PAT or a JWT, at either service."""
        ways = (PAT_LOGIN, JWT_LOGIN, SIGN_IN)
        return sum(
            entry["status"] == 200
            and f"{entry['method']} {entry['path']}" in ways
            for entry in self.entries()
        )

    def reason(self) -> str:
        """Why signet's last request was refused, as only the service knows."""
        return self.entries()[-1]["reason"]
