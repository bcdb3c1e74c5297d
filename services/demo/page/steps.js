// The page: each form is one step; a step opens the next.

import { call, reached } from "./services.js";
import { pathOf, signedRequest, signedUrl } from "./sigv4.js";
import { begin, prove } from "./srp.js";
import { element, tellerOf } from "./telling.js";

const LOOKS = 20;
const LINK_SECONDS = 60;
// After these the address may still wait for its code, from before a reload for instance.
const UNCONFIRMED = new Set(["UserNotConfirmedException", "UsernameExistsException"]);
const byId = (id) => document.getElementById(id);
const state = { config: null, idToken: null, credentials: null, identityId: null };

const say = (step, text, kind = "") => {
  const status = byId(`${step}-status`);
  status.className = `status ${kind}`;
  status.textContent = text;
};

const open = (form) => {
  byId(form).querySelector("fieldset").disabled = false;
};

const done = (step) => {
  byId(`go-${step}`).className = "done";
};

const working = new Set();

// Runs one action of a step, never two at once (a double click is one click); what goes wrong is said in place.
const act = async (step, run) => {
  if (working.has(step)) return;
  working.add(step);
  say(step, "Working ...");
  byId("reason").hidden = true;
  try {
    await configured;
    await run(tellerOf(byId(`${step}-log`)));
  } catch (error) {
    say(step, error.code ? `${error.code}: ${error.message}` : error.message, "bad");
    if (UNCONFIRMED.has(error.code)) openConfirmation(step);
  } finally {
    working.delete(step);
  }
};

const onStep = (source, event, step, run) => {
  byId(source).addEventListener(event, (happened) => {
    happened.preventDefault();
    act(step, run);
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

const openConfirmation = (step) => {
  if (step === "sign-in") byId("email").value = byId("in-email").value;
  open("confirm");
};

const resend = async (tell) => {
  const request = { ClientId: state.config.clientId, Username: byId("email").value };
  await call(state.config, "userpool", "ResendConfirmationCode", request, tell);
  say("account", "A new code was sent. Enter it to confirm the address.", "good");
  byId("code").value = "";
  byId("code").focus();
  await lookUntilFound();
};

const confirmSignUp = async (tell) => {
  const request = { ClientId: state.config.clientId, Username: byId("email").value, ConfirmationCode: byId("code").value };
  await call(state.config, "userpool", "ConfirmSignUp", request, tell);
  say("account", "Confirmed. Now sign in.", "good");
  done("account");
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
  tell.noted("The id token says", JSON.stringify(claimsOf(state.idToken), null, 2));
  open("swap");
  say("sign-in", "Signed in. You have an id token, an access token and a refresh token.", "good");
  done("sign-in");
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
  byId("policy").hidden = false;
  byId("policy").querySelector("pre").textContent = asGuest ? state.config.guestPolicy : state.config.memberPolicy;
  open("upload");
  open("denied");
  byId("objects").replaceChildren();
  say("use", "");
  say("denied", "");
  done("swap");
  say("swap", asGuest ? "You are a guest: you may read what is public." : "You have temporary credentials.", "good");
  byId(asGuest ? "public" : "sample").focus();
};

// A signed request to the store; what it refuses is thrown with S3's code and sentence.
const ask = async (tell, method, key, parameters, body) => {
  const { bucket, region } = state.config;
  const path = pathOf(bucket, key);
  const { url, options } = await signedRequest(state.credentials, region, method, path, parameters, body);
  const { authorization, ...others } = options.headers;
  const token = `${others["x-amz-security-token"].slice(0, 12)}...`;
  tell.asked(`${method} ${url}`, `authorization: ${authorization.slice(0, -52)}...\nx-amz-security-token: ${token}`);
  const response = await reached(url, options);
  const text = await response.text();
  tell.answered(response.status, text);
  if (response.ok) return text;
  const found = new DOMParser().parseFromString(text, "text/xml");
  const word = (name) => found.querySelector(name)?.textContent ?? "";
  throw Object.assign(new Error(word("Message")), { code: word("Code") });
};

const keep = async (tell, name, body) => {
  await ask(tell, "PUT", `${state.identityId}/${name}`, {}, body);
  await list(tell);
  done("use");
  say("use", `${name} is in your folder.`, "good");
};

const upload = async (tell) => {
  const file = byId("file").files[0];
  await keep(tell, file.name, new Uint8Array(await file.arrayBuffer()));
};

const uploadSample = (tell) =>
  keep(tell, "note.txt", new TextEncoder().encode(`Written from a browser at ${new Date().toISOString()}.\n`));

const list = async (tell) => {
  const text = await ask(tell, "GET", "", { "list-type": "2", prefix: `${state.identityId}/` });
  const found = new DOMParser().parseFromString(text, "text/xml");
  const objects = [...found.querySelectorAll("Contents")].map((one) =>
    shownObject(one.querySelector("Key").textContent, one.querySelector("Size").textContent));
  byId("objects").replaceChildren(...objects);
  say("use", objects.length === 1 ? "One object in your folder." : `${objects.length} objects in your folder.`, "good");
};

const shownObject = (key, size) => {
  const name = key.slice(state.identityId.length + 1);
  const item = element("li", "");
  const link = element("button", "Make a link", { type: "button", className: "quiet small" });
  const remove = element("button", "Delete", { type: "button", className: "quiet small" });
  link.setAttribute("aria-label", `Make a link to ${name}`);
  remove.setAttribute("aria-label", `Delete ${name}`);
  link.addEventListener("click", () => act("use", (tell) => makeLink(tell, key, item)));
  remove.addEventListener("click", () => act("use", async (tell) => {
    await ask(tell, "DELETE", key, {});
    await list(tell);
  }));
  item.append(element("span", `${name} (${size} bytes)`), link, remove);
  return item;
};

// A presigned URL: the signature is in it, so it works for whoever has it, until it ends.
const makeLink = async (tell, key, item) => {
  const { bucket, region } = state.config;
  const url = await signedUrl(state.credentials, region, pathOf(bucket, key), LINK_SECONDS);
  tell.noted("A link, signed here without asking anybody", `${url.slice(0, 160)}...`);
  item.querySelector("a")?.remove();
  item.append(element("a", "Open it", { href: url, target: "_blank", rel: "noreferrer" }));
  say("use", `A link that anybody may open for ${LINK_SECONDS} seconds.`, "good");
};

const beDenied = async (tell) => {
  const body = new TextEncoder().encode("not mine");
  try {
    await ask(tell, "PUT", "somebody-else/note.txt", {}, body);
  } catch (error) {
    if (error.code !== "AccessDenied") throw error;
    byId("reason").textContent = error.message;
    byId("reason").hidden = false;
    done("denied");
    say("denied", "AccessDenied, as it should be. The store says why:", "good");
    return;
  }
  say("denied", "This was allowed, and should not have been.", "bad");
};

const readPublic = async (tell) => {
  const text = await ask(tell, "GET", "public/welcome.txt", {});
  say("denied", `public/welcome.txt says: ${text.trim()}`, "good");
};

const look = async () => {
  const to = byId("email").value;
  if (!to) return;
  const response = await fetch(`/demo/outbox?to=${encodeURIComponent(to)}`);
  const { messages = [] } = await response.json();
  const shown = messages.map((message) => {
    const box = element("div", "", { className: "message" });
    box.append(element("p", message.subject));
    if (message.code) {
      const use = element("button", "Use this code", { type: "button", className: "quiet small" });
      use.addEventListener("click", () => {
        byId("code").value = message.code;
        byId("confirm").querySelector("button").focus();
      });
      box.append(element("strong", message.code), use);
    }
    return box;
  });
  byId("messages").replaceChildren(...(shown.length ? shown : [element("p", "Nothing yet.", { className: "hint" })]));
};

const newestCode = () => byId("messages").querySelector("strong")?.textContent;

const lookUntilFound = async () => {
  const before = newestCode();
  const isHere = state.config.outbox === "yes";
  byId("outbox").hidden = !isHere;
  byId("elsewhere").hidden = isHere;
  if (!isHere) return;
  for (let looks = 0; looks < LOOKS; looks += 1) {
    await look();
    if (newestCode() !== before) return;
    await new Promise((done) => setTimeout(done, 500));
  }
};

const fillIn = () => {
  const name = [...crypto.getRandomValues(new Uint8Array(4))].map((one) => one.toString(16).padStart(2, "0")).join("");
  byId("email").value = `${name}@example.com`;
  byId("password").value = `Example-${name}-1A`;
  byId("sign-up").querySelector("button").focus();
};

const configure = async () => {
  if (!window.isSecureContext) {
    throw new Error("Browsers sign only on localhost or by https: open this page at one of the two.");
  }
  const response = await reached("/demo/config.json");
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.message);
  state.config = answer;
};

// The forms listen at once; a step that is taken before the configuration is here waits for it.
const configured = configure();
configured.catch((error) => {
  byId("trouble").textContent = error.message;
  byId("trouble").hidden = false;
});
onStep("sign-up", "submit", "account", signUp);
onStep("confirm", "submit", "account", confirmSignUp);
onStep("resend", "click", "account", resend);
onStep("sign-in", "submit", "sign-in", signIn);
onStep("swap", "submit", "swap", (tell) => swap(tell, { asGuest: false }));
onStep("guest", "submit", "swap", (tell) => swap(tell, { asGuest: true }));
onStep("upload", "submit", "use", upload);
onStep("sample", "click", "use", uploadSample);
onStep("list", "click", "use", list);
onStep("denied", "submit", "denied", beDenied);
onStep("public", "click", "denied", readPublic);
const isWide = window.matchMedia("(min-width: 60rem)").matches;
for (const said of document.querySelectorAll("details.said")) said.open = isWide;
byId("look").addEventListener("click", look);
byId("example").addEventListener("click", fillIn);
