// Signature Version 4 for the store: the request as it will be sent, signed with temporary credentials.

import { bytesOf, hex, hmac, sha256 } from "./bytes.js";

const ALGORITHM = "AWS4-HMAC-SHA256";

export const encoded = (text) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);

export const pathOf = (bucket, key = "") => `/${bucket}${key && `/${key.split("/").map(encoded).join("/")}`}`;

// Fetches `path` of this origin's store, signed; `parameters` become the query.
export const signedFetch = async (credentials, region, method, path, parameters = {}, body = new Uint8Array()) => {
  const at = new Date().toISOString().replace(/[-:]|\.\d+/g, "");
  const scope = `${at.slice(0, 8)}/${region}/s3/aws4_request`;
  const payload = hex(await sha256(body));
  const query = Object.keys(parameters).sort().map((name) => `${encoded(name)}=${encoded(parameters[name])}`).join("&");
  const headers = {
    "x-amz-content-sha256": payload,
    "x-amz-date": at,
    "x-amz-security-token": credentials.SessionToken,
  };
  const names = ["host", ...Object.keys(headers)];
  const lines = names.map((name) => `${name}:${headers[name] ?? location.host}\n`).join("");
  const canonical = [method, path, query, lines, names.join(";"), payload].join("\n");
  const text = [ALGORITHM, at, scope, hex(await sha256(bytesOf(canonical)))].join("\n");
  let key = bytesOf(`AWS4${credentials.SecretKey}`);
  for (const part of scope.split("/")) key = await hmac(key, bytesOf(part));
  const signature = hex(await hmac(key, bytesOf(text)));
  headers.authorization =
    `${ALGORITHM} Credential=${credentials.AccessKeyId}/${scope}, ` +
    `SignedHeaders=${names.join(";")}, Signature=${signature}`;
  return fetch(query ? `${path}?${query}` : path, { method, headers, body: body.length ? body : undefined });
};
