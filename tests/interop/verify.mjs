// jose with a remote key set: URL on the command line, JWT on stdin.
import { readFileSync } from 'node:fs';
import { createRemoteJWKSet, jwtVerify } from 'jose';

const jwt = readFileSync(0, 'utf8').trim();
const keys = createRemoteJWKSet(new URL(process.argv[2]), {
  timeoutDuration: 60_000, // 5 s by default: too short for a slow machine
});
const { payload } = await jwtVerify(jwt, keys, { algorithms: ['RS256'] });
console.log(JSON.stringify(payload));
