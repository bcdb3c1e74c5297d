import { CognitoIdentityProviderClient, InitiateAuthCommand, NotAuthorizedException } from "@aws-sdk/client-cognito-identity-provider";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { fromCognitoIdentityPool } from "@aws-sdk/credential-providers";
import { app, say } from "#shared";

const region = app.region;
const idp = new CognitoIdentityProviderClient({ region, endpoint: app.userpool });
const signIn = (password) => idp.send(new InitiateAuthCommand({
  ClientId: app.client,
  AuthFlow: "USER_PASSWORD_AUTH",
  AuthParameters: { USERNAME: app.name, PASSWORD: password },
}));

const wrong = await signIn("Wrong-horse-9").then(() => "", (error) => error instanceof NotAuthorizedException ? error.name : String(error));
const { AuthenticationResult: tokens } = await signIn(app.password);
const provider = fromCognitoIdentityPool({
  identityPoolId: app.identity_pool,
  logins: { [app.provider]: tokens.IdToken },
  clientConfig: { region, endpoint: app.identitypool },
});
const credentials = await provider();
const sts = new STSClient({ region, endpoint: app.identitypool, credentials });
const store = new S3Client({ region, endpoint: app.store, credentials, forcePathStyle: true });
const mine = { Bucket: app.bucket, Key: `${credentials.identityId}/node file.txt` };
await store.send(new PutObjectCommand({ ...mine, Body: "hello from node" }));
const back = await store.send(new GetObjectCommand(mine));
const denied = await store.send(new PutObjectCommand({ ...mine, Key: "elsewhere", Body: "x" })).then(() => "", (error) => error.name);
say({
  arn: (await sts.send(new GetCallerIdentityCommand({}))).Arn,
  read_back: await back.Body.transformToString(),
  denied,
  wrong_password: wrong,
});
