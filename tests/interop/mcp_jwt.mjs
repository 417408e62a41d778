// A UAT JWT as tableau-mcp makes one per tool call (its src/utils/getJwt.ts,
// read in November 2026), from its own settings. Written anew: what it sets,
// and in which order what overrides what. The scopes are the operands; a key
// is made on the spot, since only the header and the claims are compared.
import { generateKeyPair, SignJWT } from 'jose';

const {
  UAT_TENANT_ID: tenant,
  UAT_ISSUER: issuer,
  UAT_USERNAME_CLAIM_NAME: claimName = 'email',
  UAT_USERNAME_CLAIM: username,
  UAT_KEY_ID: kid = '',
  JWT_ADDITIONAL_PAYLOAD: extra = '{}',
} = process.env;

const { privateKey } = await generateKeyPair('RS256');
const now = Math.floor(Date.now() / 1000);
const issued = now - 5;
const claims = {
  iat: issued,
  exp: now + 300,
  nbf: issued,
  scp: [...new Set(process.argv.slice(2))],
  ...JSON.parse(extra),
};
claims[claimName] = username;
claims.jti = `${issuer}-${claims.iat}`;
claims.iss = issuer;
claims['https://tableau.com/tenantId'] = tenant;

const jwt = await new SignJWT(claims)
  .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid })
  .sign(privateKey);
console.log(jwt);
