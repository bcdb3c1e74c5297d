// Time passes, for everybody or at one end only.
import { Amplify } from "aws-amplify";
import { fetchAuthSession, fetchUserAttributes, signIn } from "aws-amplify/auth";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { app, moveClock, say } from "#shared";
import { Auth } from "./amplify_app.mjs";

const HOUR = 3_600_000;
const Real = Date;
let ahead = 0;
window.Date = class extends Real {
  constructor(...given) {
    super(...(given.length ? given : [Real.now() + ahead]));
  }
  static now() {
    return Real.now() + ahead;
  }
};
console.warn = () => {};
Amplify.configure({ Auth });
const { region } = app;
const credentials = async () => (await fetchAuthSession()).credentials;
const everything = async () => {
  const { tokens, credentials: given, identityId } = await fetchAuthSession();
  const object = { Bucket: app.bucket, Key: `${identityId}/clock` };
  const store = new S3Client({ region, endpoint: app.store, credentials, forcePathStyle: true });
  await store.send(new PutObjectCommand({ ...object, Body: "x" }));
  await store.send(new GetObjectCommand(object));
  await new STSClient({ region, endpoint: app.identitypool, credentials }).send(new GetCallerIdentityCommand({}));
  await fetchUserAttributes();
  return [tokens.accessToken.toString(), given.accessKeyId];
};

await signIn({ username: app.name, password: app.password });
const first = await everything();
const still = await everything();
await moveClock(7200);
ahead = 2 * HOUR;
const later = await everything();
await moveClock(0);

const wrong = [];
for (const hours of [-25, 25]) {
  ahead = hours * HOUR;
  await fetchAuthSession({ forceRefresh: true });
  const [before, after] = [await everything(), await everything()];
  wrong.push(String(before) === String(after));
}

await moveClock(31 * 86_400);
ahead = 31 * 24 * HOUR;
const { tokens } = await fetchAuthSession();
say({
  kept: String(first) === String(still),
  renewed: later.map((one, at) => one !== first[at]),
  with_a_wrong_clock: wrong,
  signed_out_at_last: tokens === undefined,
  left: Object.keys(localStorage),
});
