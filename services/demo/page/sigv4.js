// Signature Version 4 for the store: the request as it will be sent, signed with temporary credentials.

import { bytesOf, hex, hmac, sha256 } from "./bytes.js";

const ALGORITHM = "AWS4-HMAC-SHA256";

export const encoded = (text) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);

export const pathOf = (bucket, key = "") => `/${bucket}${key && `/${key.split("/").map(encoded).join("/")}`}`;

const signingKey = async (secret, scope) => {
  let key = bytesOf(`AWS4${secret}`);
  for (const part of scope.split("/")) key = await hmac(key, bytesOf(part));
  return key;
};

const signatureOf = async (credentials, at, scope, canonical) => {
  const text = [ALGORITHM, at, scope, hex(await sha256(bytesOf(canonical)))].join("\n");
  return hex(await hmac(await signingKey(credentials.SecretKey, scope), bytesOf(text)));
};

const now = () => new Date().toISOString().replace(/[-:]|\.\d+/g, "");

const queryOf = (parameters) =>
  Object.keys(parameters).sort().map((name) => `${encoded(name)}=${encoded(parameters[name])}`).join("&");

// A URL that reads `path` for so many seconds, whoever opens it.
export const signedUrl = async (credentials, region, path, seconds) => {
  const at = now();
  const scope = `${at.slice(0, 8)}/${region}/s3/aws4_request`;
  const query = queryOf({
    "X-Amz-Algorithm": ALGORITHM,
    "X-Amz-Credential": `${credentials.AccessKeyId}/${scope}`,
    "X-Amz-Date": at,
    "X-Amz-Expires": String(seconds),
    "X-Amz-Security-Token": credentials.SessionToken,
    "X-Amz-SignedHeaders": "host",
  });
  const canonical = ["GET", path, query, `host:${location.host}\n`, "host", "UNSIGNED-PAYLOAD"].join("\n");
  return `${path}?${query}&X-Amz-Signature=${await signatureOf(credentials, at, scope, canonical)}`;
};

// What fetch is to be given for a signed request to this origin's store; `parameters` become the query.
export const signedRequest = async (credentials, region, method, path, parameters = {}, body = new Uint8Array()) => {
  const at = now();
  const scope = `${at.slice(0, 8)}/${region}/s3/aws4_request`;
  const payload = hex(await sha256(body));
  const query = queryOf(parameters);
  const headers = {
    "x-amz-content-sha256": payload,
    "x-amz-date": at,
    "x-amz-security-token": credentials.SessionToken,
  };
  const names = ["host", ...Object.keys(headers)];
  const lines = names.map((name) => `${name}:${headers[name] ?? location.host}\n`).join("");
  const canonical = [method, path, query, lines, names.join(";"), payload].join("\n");
  const signature = await signatureOf(credentials, at, scope, canonical);
  headers.authorization =
    `${ALGORITHM} Credential=${credentials.AccessKeyId}/${scope}, ` +
    `SignedHeaders=${names.join(";")}, Signature=${signature}`;
  return { url: query ? `${path}?${query}` : path, options: { method, headers, body: body.length ? body : undefined } };
};
