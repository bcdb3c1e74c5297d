// The two services behind sign-in: AWS JSON 1.1 over fetch, each call told to whoever listens.

import { shownOf } from "./telling.js";

export class Refused extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

const TARGETS = {
  userpool: "AWSCognitoIdentityProviderService",
  identitypool: "AWSCognitoIdentityService",
};

// A fetch whose failure says who does not answer.
export const reached = async (url, options) => {
  try {
    return await fetch(url, options);
  } catch {
    throw new Error(`${new URL(url, location.href).origin} does not answer. Is Poolkeeper still running?`);
  }
};

export const call = async (config, service, operation, request, tell) => {
  const shown = service === "identitypool" && request.Logins
    ? { ...request, Logins: Object.fromEntries(Object.keys(request.Logins).map((name) => [name, "(the id token)"])) }
    : request;
  tell.asked(`${operation} to ${config[service]}`, shownOf(shown));
  const response = await reached(`${config[service]}/`, {
    method: "POST",
    headers: { "content-type": "application/x-amz-json-1.1", "x-amz-target": `${TARGETS[service]}.${operation}` },
    body: JSON.stringify(request),
  });
  const text = await response.text();
  const answer = text ? JSON.parse(text) : {};
  tell.answered(response.status, shownOf(answer));
  if (!response.ok) throw new Refused((answer.__type ?? "").split("#").pop(), answer.message ?? answer.Message ?? "");
  return answer;
};
