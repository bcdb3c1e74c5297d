// What a web app of another origin is told when it is refused, and what its client may send along.
import { CognitoIdentityProviderClient, GetUserCommand, ListUsersCommand } from "@aws-sdk/client-cognito-identity-provider";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { app, say } from "#shared";

const { region } = app;
const credentials = { accessKeyId: "AKIAAAAAAAAAAAAAAAAA", secretAccessKey: "none" };
const users = new CognitoIdentityProviderClient({ region, endpoint: app.userpool, credentials });
users.middlewareStack.add(
  (next) => (args) => {
    args.request.headers["x-amzn-trace-id"] = "Root=1-5759e988-bd862e3fe1be46a994272793";
    return next(args);
  },
  { step: "build" },
);
const sts = new STSClient({ region, endpoint: app.identitypool, credentials });
const store = new S3Client({
  region, endpoint: app.store, credentials, forcePathStyle: true, requestChecksumCalculation: "WHEN_REQUIRED",
});
const object = { Bucket: app.bucket, Key: "key" };
const Body = new Blob([new Uint8Array(70 << 20)]);
const refusal = (promise) => promise.then(() => "", (error) => [error.name, error.$metadata?.httpStatusCode]);
const status = (url, options) => fetch(url, options).then((answer) => answer.status, (error) => error.message);

say({
  invalid: await refusal(users.send(new GetUserCommand({ AccessToken: "none" }))),
  unknown: await refusal(users.send(new ListUsersCommand({ UserPoolId: app.pool }))),
  too_large: await refusal(users.send(new GetUserCommand({ AccessToken: "x".repeat(5 << 20) }))),
  sts: await refusal(sts.send(new GetCallerIdentityCommand({}))),
  store: await refusal(store.send(new GetObjectCommand(object))),
  large_object: await refusal(store.send(new PutObjectCommand({ ...object, Body }))),
  no_keys: await status(`${app.userpool}/us-east-1_none/.well-known/jwks.json`, { headers: { "x-trace": "1" } }),
  no_page: await status(`${app.userpool}/oauth2/token`, { method: "POST", headers: { "x-amz-user-agent": "x" } }),
});
