import {
  AuthenticationDetails, CognitoUser, CognitoUserAttribute, CognitoUserPool,
} from "amazon-cognito-identity-js";
import { app, codeFor, say } from "#shared";

const pool = new CognitoUserPool({ UserPoolId: app.pool, ClientId: app.client, endpoint: app.userpool });
const address = `${app.name}@example.com`;
const call = (work) => new Promise((resolve, reject) => work((error, value) => (error ? reject(error) : resolve(value))));

await call((done) =>
  pool.signUp(app.name, app.password, [new CognitoUserAttribute({ Name: "email", Value: address })], null, done));
const user = new CognitoUser({ Username: app.name, Pool: pool });
const code = await codeFor(address);
await call((done) => user.confirmRegistration(code, false, done));

const details = new AuthenticationDetails({ Username: app.name, Password: app.password });
const session = await new Promise((resolve, reject) =>
  user.authenticateUser(details, { onSuccess: resolve, onFailure: reject }));
const attributes = await call((done) => user.getUserAttributes(done));
const refreshed = await call((done) => user.refreshSession(session.getRefreshToken(), done));
await new Promise((resolve, reject) => user.globalSignOut({ onSuccess: resolve, onFailure: reject }));

const again = await pool.client
  .promisifyRequest("GetUser", { AccessToken: refreshed.getAccessToken().getJwtToken() })
  .then(() => false, (error) => error.code === "NotAuthorizedException");
say({
  username: session.getIdToken().payload["cognito:username"],
  attributes: Object.fromEntries(attributes.map((one) => [one.getName(), one.getValue()])),
  refreshed: refreshed.getAccessToken().getJwtToken() !== session.getAccessToken().getJwtToken(),
  signed_out: again,
});
