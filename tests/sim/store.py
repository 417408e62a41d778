"""What the services remember: a tenant, its sites, users, PATs and sessions.

Identities are made once, because `sim.env` names them; a reset forgets what
clients did and leaves the identities alone.
"""

from __future__ import annotations

import base64
import secrets
import threading
import uuid
from dataclasses import dataclass, field
from typing import Any

from clock import Clock
from configuration import Configuration

TCM, TABLEAU = "tcm", "tableau"
ABSOLUTE_S = {TCM: 4 * 3600, TABLEAU: 2 * 3600}
IDLE_S = {TCM: 30 * 60, TABLEAU: None}


@dataclass(frozen=True)
class Site:
    luid: str
    name: str
    content_url: str
    pod: str


@dataclass(frozen=True)
class User:
    id: str
    email: str
    is_cloud_admin: bool
    site_luids: frozenset[str]
    added_as: dict[str, Any] = field(default_factory=dict, compare=False)


@dataclass
class Session:
    """Born of a PAT (scopes None: not bound) or of a JWT (bound by its scp)."""

    kind: str
    user: User
    scopes: frozenset[str] | None
    born: float
    used: float
    site: Site | None = None

    def lost_because(self, now: float) -> str | None:
        if now >= self.born + ABSOLUTE_S[self.kind]:
            return "session-expired"
        idle = IDLE_S[self.kind]
        if idle is not None and now >= self.used + idle:
            return "session-idle"
        return None


class SessionLost(Exception):
    """No such session, or no longer; the text is the reason."""


class DuplicateName(Exception):
    """Another configuration has this name."""


def new_pat_secret() -> str:
    """24 base64 characters, a colon, 43 url-safe ones."""
    head = base64.b64encode(secrets.token_bytes(16)).decode()
    return f"{head}:{secrets.token_urlsafe(32)}"


class Store:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self.tenant_id = str(uuid.uuid4())
        self.sites = [
            Site(str(uuid.uuid4()), "Harbor", "harbor", "10ax"),
            Site(str(uuid.uuid4()), "Lantern", "lantern", "10ay"),
        ]
        both = frozenset(site.luid for site in self.sites)
        self.admin = User(_id(), "admin@signet.example", True, both)
        self.viewer = User(
            _id(),
            "viewer@signet.example",
            False,
            frozenset({self.sites[0].luid}),
        )
        self.pats = {
            "good": new_pat_secret(),
            "expired": new_pat_secret(),
            "site": new_pat_secret(),
        }
        self.reset()

    def reset(self) -> None:
        with self._lock:
            self.users = [self.admin, self.viewer]
            self.oidc: dict[str, dict[str, Any]] = {}
            self.downloads: dict[str, tuple[float, str, bytes]] = {}
            self._configurations: dict[str, Configuration] = {}
            self._sessions: dict[str, Session] = {}
            self._spent_jtis: set[str] = set()
            self._revoked_jtis: set[str] = set()

    # Identities

    def resource_ids(self) -> set[str]:
        return {self.tenant_id} | {site.luid for site in self.sites}

    def site_by(self, **attribute: str) -> Site | None:
        """The site whose one named attribute has this value."""
        ((name, value),) = attribute.items()
        matching = (s for s in self.sites if getattr(s, name) == value)
        return next(matching, None)

    def user_named(self, email: str) -> User | None:
        return next((u for u in self.users if u.email == email), None)

    def add_user(self, email: str, added_as: dict[str, Any]) -> User:
        user = User(_id(), email, False, frozenset(), added_as)
        with self._lock:
            self.users.append(user)
        return user

    def pat_kind(self, secret: object) -> str | None:
        kinds = (k for k, pat in self.pats.items() if pat == secret)
        return next(kinds, None)

    # Sessions

    def open_session(
        self,
        kind: str,
        user: User,
        scopes: frozenset[str] | None,
        site: Site | None = None,
    ) -> tuple[str, Session]:
        now = self._clock.now()
        session = Session(kind, user, scopes, now, now, site)
        token = new_pat_secret() if kind == TCM else secrets.token_urlsafe(32)
        with self._lock:
            self._sessions[token] = session
        return token, session

    def use_session(self, kind: str, token: str) -> Session:
        """The live session, its idle time starting anew; else SessionLost."""
        now = self._clock.now()
        with self._lock:
            session = self._sessions.get(token)
            if session is None or session.kind != kind:
                raise SessionLost("session-unknown")
            reason = session.lost_because(now)
            if reason:
                del self._sessions[token]
                raise SessionLost(reason)
            session.used = now
            return session

    def close_session(self, token: str) -> None:
        with self._lock:
            self._sessions.pop(token, None)

    def drop_sessions(self) -> int:
        with self._lock:
            count = len(self._sessions)
            self._sessions.clear()
            return count

    def session_count(self) -> int:
        return len(self._sessions)

    # Configurations

    def configurations(self) -> list[Configuration]:
        with self._lock:
            return list(self._configurations.values())

    def configuration(self, config_id: str) -> Configuration | None:
        return self._configurations.get(config_id)

    def put_configuration(self, config: Configuration) -> None:
        with self._lock:
            for other in self._configurations.values():
                same_id = other.config_id == config.config_id
                if other.name == config.name and not same_id:
                    raise DuplicateName(config.name)
            self._configurations[config.config_id] = config

    def delete_configuration(self, config_id: str) -> bool:
        with self._lock:
            return self._configurations.pop(config_id, None) is not None

    # JWTs

    def spend_jti(self, jti: str) -> bool:
        """Note this jti as used; False when it had been used before."""
        with self._lock:
            fresh = jti not in self._spent_jtis
            self._spent_jtis.add(jti)
            return fresh

    def revoke_jti(self, jti: str) -> None:
        with self._lock:
            self._revoked_jtis.add(jti)

    def is_revoked(self, jti: str) -> bool:
        return jti in self._revoked_jtis


def _id() -> str:
    return str(uuid.uuid4())
