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

// Secrets are left out of what is shown, not of what is sent; of what is public but long, the beginning is shown.
const SECRET = /^(Password|SecretKey)$/;
const LONG = /(Token|Session|SECRET_BLOCK|SIGNATURE|SRP_[AB]|SALT)$/;

const shortened = (name, value) => {
  if (typeof value !== "string") return value;
  if (SECRET.test(name)) return "(hidden)";
  return LONG.test(name) ? `${value.slice(0, 12)}...` : value;
};

export const shownOf = (value) => JSON.stringify(value, shortened, 2);

export const call = async (config, service, operation, request, tell) => {
  const shown = service === "identitypool" && request.Logins
    ? { ...request, Logins: Object.fromEntries(Object.keys(request.Logins).map((name) => [name, "(the id token)"])) }
    : request;
  tell(`${operation} ${shownOf(shown)}`);
  const response = await fetch(`${config[service]}/`, {
    method: "POST",
    headers: { "content-type": "application/x-amz-json-1.1", "x-amz-target": `${TARGETS[service]}.${operation}` },
    body: JSON.stringify(request),
  });
  const text = await response.text();
  const answer = text ? JSON.parse(text) : {};
  tell(`${response.status} ${shownOf(answer)}`);
  if (!response.ok) throw new Refused((answer.__type ?? "").split("#").pop(), answer.message ?? answer.Message ?? "");
  return answer;
};
