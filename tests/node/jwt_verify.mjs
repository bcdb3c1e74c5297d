import { CognitoIdentityProviderClient, InitiateAuthCommand } from "@aws-sdk/client-cognito-identity-provider";
import { JwtVerifier } from "aws-jwt-verify";
import { app, say } from "#shared";

const issuer = `${app.userpool}/${app.pool}`;
const fetcher = { fetch: async (uri) => (await fetch(uri)).arrayBuffer() };
const idp = new CognitoIdentityProviderClient({ region: app.region, endpoint: app.userpool });
const { AuthenticationResult: tokens } = await idp.send(new InitiateAuthCommand({
  ClientId: app.client,
  AuthFlow: "USER_PASSWORD_AUTH",
  AuthParameters: { USERNAME: app.name, PASSWORD: app.password },
}));
const { SimpleJwksCache } = await import("aws-jwt-verify/jwk");
const verifier = JwtVerifier.create(
  { issuer, audience: null, jwksUri: `${issuer}/.well-known/jwks.json` },
  { jwksCache: new SimpleJwksCache({ fetcher }) },
);
const verified = [];
for (const token of [tokens.IdToken, tokens.AccessToken]) verified.push((await verifier.verify(token)).token_use);
const altered = tokens.IdToken.slice(0, -6) + "AAAAAA";
const refused = await verifier.verify(altered).then(() => false, () => true);
say({ verified, refused });
