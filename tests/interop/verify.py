"""PyJWT with a remote key set: URL on the command line, JWT on stdin."""

import json
import sys

import jwt

token = sys.stdin.read().strip()
key = jwt.PyJWKClient(sys.argv[1], timeout=60).get_signing_key_from_jwt(token)
print(json.dumps(jwt.decode(token, key.key, algorithms=["RS256"])))
