import { DeleteObjectCommand, GetObjectCommand, HeadObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { app, say } from "#shared";

const credentials = { accessKeyId: app.access_key_id, secretAccessKey: app.secret_access_key };
const store = new S3Client({ region: app.region, endpoint: app.store, credentials, forcePathStyle: true });
const urlOf = (command) => getSignedUrl(store, command, { expiresIn: 60 });

// Every key through the client and through URLs, as fetch sends them: written by URL, read both ways, listed, removed.
const roundTrip = async (key) => {
  const object = { Bucket: app.bucket, Key: key };
  const put = await urlOf(new PutObjectCommand({ ...object, Metadata: { made: "by url" } }));
  const written = await fetch(put, { method: "PUT", body: key });
  const read = await (await fetch(await urlOf(new GetObjectCommand(object)))).text();
  const { Metadata } = await store.send(new HeadObjectCommand(object));
  const { Contents = [] } = await store.send(new ListObjectsV2Command({ Bucket: app.bucket, Prefix: key }));
  const removed = await fetch(await urlOf(new DeleteObjectCommand(object)), { method: "DELETE" });
  return written.ok && read === key && Metadata.made === "by url" && Contents.some((one) => one.Key === key) && removed.ok;
};

// A key with a segment of dots goes round through the client; a URL parser resolves the dots before anybody else sees them.
const throughClient = async (key) => {
  const object = { Bucket: app.bucket, Key: key };
  await store.send(new PutObjectCommand({ ...object, Body: key }));
  return await (await store.send(new GetObjectCommand(object))).Body.transformToString() === key;
};

const failed = [];
for (const key of app.keys) if (!await roundTrip(key)) failed.push(key);
for (const key of app.dotted) if (!await throughClient(key)) failed.push(key);
say({ failed });
