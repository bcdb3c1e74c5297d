// The app as Amplify is told of it.
import { app } from "#shared";

export const Auth = {
  Cognito: {
    userPoolId: app.pool,
    userPoolClientId: app.client,
    identityPoolId: app.identity_pool,
    userPoolEndpoint: app.userpool,
    identityPoolEndpoint: app.identitypool,
  },
};
