// Amplify's Storage, in a browser. Other stores than AWS's it takes by https:// alone, with the bucket in the host's name.
import { Amplify } from "aws-amplify";
import { fetchAuthSession, signIn } from "aws-amplify/auth";
import { copy, downloadData, getProperties, getUrl, list, remove, uploadData } from "aws-amplify/storage";
import { app, say } from "#shared";
import { Auth } from "./amplify_app.mjs";

console.warn = () => {};
Amplify.configure({
  Auth,
  Storage: { S3: { bucket: app.bucket, region: app.region } },
});
const customEndpoint = app.secure_store;
const refusal = (promise) => promise.then(() => "", (error) => error.name);

await signIn({ username: app.name, password: app.password });
const { identityId } = await fetchAuthSession();
const [path, large, other] = ["my notes+ü.txt", "large", "other"].map((name) => `${identityId}/${name}`);
const options = { customEndpoint, contentType: "text/x-note", metadata: { who: "me" } };
await uploadData({ path, data: new File(["hello from a browser"], "x.txt"), options }).result;

const sizes = [];
const onProgress = ({ transferredBytes }) => sizes.push(transferredBytes);
const data = new Blob([new Uint8Array(6 << 20)]);
await uploadData({ path: large, data, options: { customEndpoint, onProgress } }).result;
const stopped = uploadData({ path: other, data, options: { customEndpoint } });
setTimeout(() => stopped.cancel(), 20);
const cancelled = await refusal(stopped.result);

const found = await list({ path: `${identityId}/`, options: { customEndpoint, listAll: true } });
const link = { expiresIn: 60, contentDisposition: 'attachment; filename="my notes.txt"' };
const { url } = await getUrl({ path, options: { customEndpoint, validateObjectExistence: true, ...link } });
const fetched = await fetch(url);
const { body, metadata } = await downloadData({ path, options: { customEndpoint } }).result;
await copy({ source: { path: large }, destination: { path: other }, options: { customEndpoint } });
const { size } = await getProperties({ path: other, options: { customEndpoint } });
await remove({ path, options: { customEndpoint } });
say({
  sent: sizes.at(-1),
  cancelled,
  listed: found.items.map((item) => item.path.slice(identityId.length + 1)),
  linked: [await fetched.text(), fetched.headers.get("content-disposition"), fetched.headers.get("content-type")],
  downloaded: [await body.text(), metadata],
  copied: size,
  denied: await refusal(uploadData({ path: "elsewhere", data: "x", options: { customEndpoint } }).result),
});
