# SPDX-License-Identifier: Apache-2.0
"""The peer that needs no token: a JWT by PyJWT, with the key in a file."""
import pathlib
import sys
import time
import uuid

import jwt

now = int(time.time())
print(jwt.encode(
    {"iss": "https://signet.example.com", "iat": now, "exp": now + 300,
     "jti": str(uuid.uuid4()),
     "https://tableau.com/tenantId": "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9",
     "email": "admin@example.com", "scp": ["tableau:users:read"]},
    pathlib.Path(sys.argv[1]).read_text(encoding="ascii"),
    algorithm="RS256", headers={"kid": "bench"}))
