import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import {
  fromCognitoIdentity, fromIni, fromTemporaryCredentials, fromTokenFile, fromWebToken,
} from "@aws-sdk/credential-providers";
import { app, say } from "#shared";

const clientConfig = { region: app.region, endpoint: app.identitypool };
const who = async (credentials) => (await new STSClient({ ...clientConfig, credentials }).send(new GetCallerIdentityCommand({}))).Arn;
const refused = (promise) => promise.then(() => "", (error) => error.name);

const web = { roleArn: app.web_role, roleSessionName: "web", clientConfig };
const own = { accessKeyId: app.key, secretAccessKey: app.secret };
const first = fromTemporaryCredentials({
  masterCredentials: own,
  params: { RoleArn: app.first_role, RoleSessionName: "first", ExternalId: "partner", DurationSeconds: 900 },
  clientConfig,
});
const second = fromTemporaryCredentials({
  masterCredentials: first, params: { RoleArn: app.second_role, RoleSessionName: "second" }, clientConfig,
});
const tooLong = fromTemporaryCredentials({
  masterCredentials: first,
  params: { RoleArn: app.second_role, RoleSessionName: "second", DurationSeconds: 3601 },
  clientConfig,
});
const profiles = { filepath: app.config, configFilepath: app.config, clientConfig };
say({
  web: await who(fromWebToken({ ...web, webIdentityToken: app.web_token })),
  file: await who(fromTokenFile({ ...web, webIdentityTokenFile: app.web_token_file })),
  altered: await refused(fromWebToken({ ...web, webIdentityToken: `${app.web_token.slice(0, -8)}AAAAAAAA` })()),
  identity: await who(fromCognitoIdentity({ identityId: app.identity, logins: { [app.provider]: app.id_token }, clientConfig })),
  first: await who(first),
  second: await who(second),
  too_long: await refused(tooLong()),
  profile: await who(fromIni({ profile: "chained", ...profiles })),
  untrusted: await refused(new STSClient({ ...clientConfig, credentials: own }).send(
    new AssumeRoleCommand({ RoleArn: app.second_role, RoleSessionName: "no" }))),
});
