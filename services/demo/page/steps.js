// The page: each form is one step; a step opens the next.

import { call } from "./services.js";
import { pathOf, signedFetch } from "./sigv4.js";
import { begin, prove } from "./srp.js";

const LOOKS = 20;
const byId = (id) => document.getElementById(id);
const state = { config: null, idToken: null, credentials: null, identityId: null };

const element = (name, text, options = {}) => Object.assign(document.createElement(name), { textContent: text, ...options });

const teller = (step) => (line) => {
  byId(`${step}-log`).append(`${line}\n\n`);
};

const say = (step, text, kind = "") => {
  const status = byId(`${step}-status`);
  status.className = `status ${kind}`;
  status.textContent = text;
};

const open = (form) => {
  byId(form).querySelector("fieldset").disabled = false;
};

// Runs a step when its form is sent, or its button pressed; what goes wrong is said in place.
const onStep = (source, event, step, run) => {
  byId(source).addEventListener(event, async (happened) => {
    happened.preventDefault();
    say(step, "Working ...");
    try {
      await configured;
      await run(teller(step));
    } catch (error) {
      say(step, error.code ? `${error.code}: ${error.message}` : error.message, "bad");
    }
  });
};

const signUp = async (tell) => {
  const [email, password] = [byId("email").value, byId("password").value];
  const attributes = [{ Name: "email", Value: email }];
  const request = { ClientId: state.config.clientId, Username: email, Password: password, UserAttributes: attributes };
  await call(state.config, "userpool", "SignUp", request, tell);
  byId("in-email").value = email;
  byId("in-password").value = password;
  open("confirm");
  say("account", "A code was sent. Enter it to confirm the address.", "good");
  byId("code").focus();
  await lookUntilFound();
};

const confirmSignUp = async (tell) => {
  const request = { ClientId: state.config.clientId, Username: byId("email").value, ConfirmationCode: byId("code").value };
  await call(state.config, "userpool", "ConfirmSignUp", request, tell);
  say("account", "Confirmed. Now sign in.", "good");
  byId("sign-in").querySelector("button").focus();
};

const signIn = async (tell) => {
  const [username, password] = [byId("in-email").value, byId("in-password").value];
  const attempt = begin();
  const asked = await call(state.config, "userpool", "InitiateAuth", {
    ClientId: state.config.clientId,
    AuthFlow: "USER_SRP_AUTH",
    AuthParameters: { USERNAME: username, SRP_A: attempt.publicValue.toString(16) },
  }, tell);
  if (asked.ChallengeName !== "PASSWORD_VERIFIER") throw new Error(`The pool asks for ${asked.ChallengeName}.`);
  const answer = await call(state.config, "userpool", "RespondToAuthChallenge", {
    ClientId: state.config.clientId,
    ChallengeName: asked.ChallengeName,
    ChallengeResponses: await prove(attempt, state.config.userPoolId, password, asked.ChallengeParameters),
    Session: asked.Session,
  }, tell);
  if (!answer.AuthenticationResult) throw new Error(`The pool asks for ${answer.ChallengeName}.`);
  state.idToken = answer.AuthenticationResult.IdToken;
  tell(`The id token says ${JSON.stringify(claimsOf(state.idToken), null, 2)}`);
  open("swap");
  say("sign-in", "Signed in. You have an id token, an access token and a refresh token.", "good");
  byId("swap").querySelector("button").focus();
};

const claimsOf = (token) => {
  const text = atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/"));
  return JSON.parse(new TextDecoder().decode(Uint8Array.from(text, (one) => one.charCodeAt(0))));
};

const swap = async (tell, { asGuest }) => {
  const provider = `${state.config.userpool.split("://")[1]}/${state.config.userPoolId}`;
  const logins = asGuest ? {} : { Logins: { [provider]: state.idToken } };
  const pool = { IdentityPoolId: state.config.identityPoolId };
  const { IdentityId } = await call(state.config, "identitypool", "GetId", { ...pool, ...logins }, tell);
  const request = { IdentityId, ...logins };
  const { Credentials } = await call(state.config, "identitypool", "GetCredentialsForIdentity", request, tell);
  state.identityId = IdentityId;
  state.credentials = Credentials;
  const until = new Date(Credentials.Expiration * 1000).toLocaleTimeString();
  const facts = { Identity: IdentityId, "Access key": Credentials.AccessKeyId, "Good until": until };
  byId("credentials").replaceChildren(
    ...Object.entries(facts).flatMap(([name, value]) => [element("dt", name), element("dd", value)]),
  );
  open("upload");
  open("denied");
  say("swap", asGuest ? "You are a guest: you may read what is public." : "You have temporary credentials.", "good");
};

// A signed request to the store; what it refuses is thrown with S3's code and sentence.
const ask = async (tell, method, key, parameters, body) => {
  const { bucket, region } = state.config;
  const path = pathOf(bucket, key);
  const response = await signedFetch(state.credentials, region, method, path, parameters, body);
  const query = new URLSearchParams(parameters).toString();
  tell(`${method} ${path}${query && `?${query}`}\n${response.status}`);
  const text = await response.text();
  if (response.ok) return text;
  tell(text);
  const found = new DOMParser().parseFromString(text, "text/xml");
  const word = (name) => found.querySelector(name)?.textContent ?? "";
  throw Object.assign(new Error(word("Message")), { code: word("Code") });
};

const upload = async (tell) => {
  const file = byId("file").files[0];
  const body = new Uint8Array(await file.arrayBuffer());
  await ask(tell, "PUT", `${state.identityId}/${file.name}`, {}, body);
  await list(tell);
  say("use", `${file.name} is in your folder.`, "good");
};

const list = async (tell) => {
  const text = await ask(tell, "GET", "", { "list-type": "2", prefix: `${state.identityId}/` });
  const found = new DOMParser().parseFromString(text, "text/xml");
  const objects = [...found.querySelectorAll("Contents")].map((one) => {
    const key = one.querySelector("Key").textContent.slice(state.identityId.length + 1);
    return element("li", `${key} (${one.querySelector("Size").textContent} bytes)`);
  });
  byId("objects").replaceChildren(...objects);
  say("use", objects.length === 1 ? "One object in your folder." : `${objects.length} objects in your folder.`, "good");
};

const beDenied = async (tell) => {
  const body = new TextEncoder().encode("not mine");
  await ask(tell, "PUT", "somebody-else/note.txt", {}, body);
  say("denied", "This was allowed, and should not have been.", "bad");
};

const readPublic = async (tell) => {
  const text = await ask(tell, "GET", "public/welcome.txt", {});
  say("denied", `public/welcome.txt says: ${text.trim()}`, "good");
};

const look = async () => {
  const to = byId("email").value;
  if (!to) return false;
  const response = await fetch(`/demo/outbox?to=${encodeURIComponent(to)}`);
  const { messages = [] } = await response.json();
  const shown = messages.map((message) => {
    const box = element("div", "", { className: "message" });
    box.append(element("p", message.subject));
    if (message.code) {
      const use = element("button", "Use this code", { type: "button", className: "quiet" });
      use.addEventListener("click", () => {
        byId("code").value = message.code;
        byId("confirm").querySelector("button").focus();
      });
      box.append(element("strong", message.code), element("br", ""), use);
    }
    return box;
  });
  byId("messages").replaceChildren(...(shown.length ? shown : [element("p", "Nothing yet.", { className: "hint" })]));
  return shown.length > 0;
};

const lookUntilFound = async () => {
  if (byId("outbox").hidden) return;
  for (let looks = 0; looks < LOOKS && !(await look()); looks += 1) {
    await new Promise((done) => setTimeout(done, 500));
  }
};

const configure = async () => {
  const response = await fetch("/demo/config.json");
  const answer = await response.json();
  if (!response.ok) {
    byId("trouble").textContent = answer.message;
    byId("trouble").hidden = false;
    throw new Error(answer.message);
  }
  state.config = answer;
  byId("outbox").hidden = answer.outbox !== "yes";
};

// The forms listen at once; a step that is taken before the configuration is here waits for it.
const configured = configure();
configured.catch(() => {});
onStep("sign-up", "submit", "account", signUp);
onStep("confirm", "submit", "account", confirmSignUp);
onStep("sign-in", "submit", "sign-in", signIn);
onStep("swap", "submit", "swap", (tell) => swap(tell, { asGuest: false }));
onStep("guest", "submit", "swap", (tell) => swap(tell, { asGuest: true }));
onStep("upload", "submit", "use", upload);
onStep("list", "click", "use", list);
onStep("denied", "submit", "denied", beDenied);
onStep("public", "click", "denied", readPublic);
byId("look").addEventListener("click", look);
