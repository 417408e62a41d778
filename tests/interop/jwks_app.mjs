// A key set as the article has an Express application serve it: from the PEM
// file that is named, under the kid that is named. Prints its URL.
import { readFileSync } from 'node:fs';
import express from 'express';
import { exportJWK, importSPKI } from 'jose';

const [, , file, kid] = process.argv;
const key = await importSPKI(readFileSync(file, 'utf8'), 'RS256', {
  extractable: true,
});
const jwk = { ...(await exportJWK(key)), kid };

const app = express();
app.get('/.well-known/jwks.json', (request, response) => {
  response.json({ keys: [jwk] });
});
const server = app.listen(0, '127.0.0.1', () => {
  const { port } = server.address();
  console.log(`http://127.0.0.1:${port}/.well-known/jwks.json`);
});
