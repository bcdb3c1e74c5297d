// The two services behind sign-in: AWS JSON 1.1 over fetch, each call told to whoever listens.

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

// Secrets are cut in what is shown, not in what is sent.
const SECRET = /(Password|SecretKey|Token|SECRET_BLOCK|SIGNATURE|SRP_|SALT)/i;

export const withoutSecrets = (value) =>
  JSON.stringify(
    value,
    (name, inner) => (SECRET.test(name) && typeof inner === "string" ? `${inner.slice(0, 8)}... (hidden)` : inner),
    2,
  );

export const call = async (config, service, operation, request, tell) => {
  const shown = service === "identitypool" && request.Logins
    ? { ...request, Logins: Object.fromEntries(Object.keys(request.Logins).map((name) => [name, "(the id token)"])) }
    : request;
  tell(`${operation} ${withoutSecrets(shown)}`);
  const response = await fetch(`${config[service]}/`, {
    method: "POST",
    headers: { "content-type": "application/x-amz-json-1.1", "x-amz-target": `${TARGETS[service]}.${operation}` },
    body: JSON.stringify(request),
  });
  const text = await response.text();
  const answer = text ? JSON.parse(text) : {};
  tell(`${response.status} ${withoutSecrets(answer)}`);
  if (!response.ok) throw new Refused((answer.__type ?? "").split("#").pop(), answer.message ?? answer.Message ?? "");
  return answer;
};
