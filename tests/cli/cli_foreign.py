"""A key in a token that another program made: it breaks the policy."""

from __future__ import annotations

import os
import subprocess

from cli_token import LABEL, Token, need

FOREIGN = f"pkcs11:token={LABEL};object=foreign"
# What pkcs11-tool's keys break on SoftHSM.
BROKEN = ("sign-only", "modifiable")


def add_foreign_key(token: Token) -> str:
    """Its URI. pkcs11-tool states no uses, so the key has them all."""
    pkcs11_tool(
        token,
        *("--keypairgen", "--key-type", "rsa:2048"),
        *("--label", "foreign", "--id", "77"),
    )
    return FOREIGN


def pkcs11_tool(token: Token, *args: str) -> str:
    command = [need("pkcs11-tool"), "--module", token.module]
    command += ["--token-label", LABEL, "--login", "--pin", "env:TOKEN_PIN"]
    env = {**os.environ, **token.env, "TOKEN_PIN": token.pin}
    done = subprocess.run(
        [*command, *args],
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        check=True,
    )
    return done.stdout


def allow(*rules: str) -> list[str]:
    return [word for rule in rules for word in ("--allow", rule)]
