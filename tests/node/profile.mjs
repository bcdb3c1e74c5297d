// What a person does with their own account in Amplify, from the sign-up that goes on by itself to the end of it.
import { Amplify } from "aws-amplify";
import {
  autoSignIn, confirmResetPassword, confirmSignUp, confirmUserAttribute, deleteUser, deleteUserAttributes, fetchAuthSession,
  fetchUserAttributes, resendSignUpCode, resetPassword, sendUserAttributeVerificationCode, signIn, signOut, signUp,
  updatePassword, updateUserAttributes,
} from "aws-amplify/auth";
import { cognitoUserPoolsTokenProvider } from "aws-amplify/auth/cognito";
import { app, codeFor, keepTokens, say } from "#shared";

keepTokens(cognitoUserPoolsTokenProvider);
console.warn = () => {};
Amplify.configure({
  Auth: { Cognito: { userPoolId: app.pool, userPoolClientId: app.client, userPoolEndpoint: app.userpool } },
});

const refused = [];
async function refusal(attempt) {
  try {
    await attempt();
  } catch (error) {
    refused.push(error.name);
  }
}

const username = app.name;
const [second, third] = ["Second-horse-9", "Third-horse-9"];
const userAttributes = app.signs_in_with_email ? {} : { email: app.email };
await signUp({ username, password: app.password, options: { userAttributes, autoSignIn: true } });
await refusal(() => confirmSignUp({ username, confirmationCode: "000000" }));
await resendSignUpCode({ username });
await confirmSignUp({ username, confirmationCode: await codeFor(app.email) });
const { isSignedIn } = await autoSignIn();

const fresh = `new${app.email}`;
await updateUserAttributes({ userAttributes: { email: fresh, nickname: "Änn 日本", name: "Ann" } });
await confirmUserAttribute({ userAttributeKey: "email", confirmationCode: await codeFor(fresh) });
await sendUserAttributeVerificationCode({ userAttributeKey: "email" });
await refusal(() => confirmUserAttribute({ userAttributeKey: "email", confirmationCode: "000000" }));
await deleteUserAttributes({ userAttributeKeys: ["name"] });
const { sub, ...attributes } = await fetchUserAttributes();

await refusal(() => updatePassword({ oldPassword: third, newPassword: second }));
await updatePassword({ oldPassword: app.password, newPassword: second });
for (let round = 0; round < 3; round += 1) await fetchAuthSession({ forceRefresh: true });
await signOut();

const again = app.signs_in_with_email ? fresh : username;
await resetPassword({ username: again });
await confirmResetPassword({ username: again, newPassword: third, confirmationCode: await codeFor(fresh) });
await refusal(() => signIn({ username: again, password: second }));
await signIn({ username: again, password: third });
await deleteUser();
await refusal(() => signIn({ username: again, password: third }));
say({ signed_in: isSignedIn, attributes, refused });
