import { Amplify } from "aws-amplify";
import {
  confirmSignUp, fetchAuthSession, fetchUserAttributes, getCurrentUser, signIn, signOut, signUp,
} from "aws-amplify/auth";
import { cognitoUserPoolsTokenProvider } from "aws-amplify/auth/cognito";
import { app, codeFor, keepTokens, say } from "#shared";
import { Auth } from "./amplify_app.mjs";

keepTokens(cognitoUserPoolsTokenProvider);
console.warn = () => {};
Amplify.configure({ Auth });

const email = `${app.name}@example.com`;
await signUp({ username: app.name, password: app.password, options: { userAttributes: { email } } });
await confirmSignUp({ username: app.name, confirmationCode: await codeFor(email) });
const step = await signIn({ username: app.name, password: app.password });
if (!step.isSignedIn) throw new Error(JSON.stringify(step));

const first = await fetchAuthSession();
const again = await fetchAuthSession({ forceRefresh: true });
const attributes = await fetchUserAttributes();
const { username } = await getCurrentUser();
await signOut({ global: true });
const after = await fetchAuthSession();
say({
  username,
  attributes,
  access_key_id: first.credentials.accessKeyId,
  identity_id: first.identityId,
  refreshed: again.tokens.accessToken.toString() !== first.tokens.accessToken.toString(),
  signed_out: after.tokens === undefined,
});
