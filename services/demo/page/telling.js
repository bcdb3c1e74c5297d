// What was asked and answered, told beside its step.

const SECRET = /^(Password|SecretKey)$/;
const LONG = /(Token|Session|SECRET_BLOCK|SIGNATURE|SRP_[AB]|SALT)$/;

export const element = (name, text, options = {}) =>
  Object.assign(document.createElement(name), { textContent: text, ...options });

// Secrets are left out of what is shown, not of what is sent; of what is public but long, the beginning is shown.
const shortened = (name, value) => {
  if (typeof value !== "string") return value;
  if (SECRET.test(name)) return "(hidden)";
  return LONG.test(name) ? `${value.slice(0, 12)}...` : value;
};

export const shownOf = (value) => JSON.stringify(value, shortened, 2);

// `asked`, `answered` and `noted` add to the log, newest last, and keep the newest in sight.
export const tellerOf = (log) => {
  const add = (kind, title, detail) => {
    const entry = element("div", "", { className: `told ${kind}` });
    entry.append(element("p", title));
    if (detail) entry.append(element("pre", detail));
    log.append(entry);
    log.scrollTop = entry.offsetTop - log.offsetTop;
  };
  return {
    asked: (title, detail) => add("asked", title, detail),
    answered: (status, detail) => add(status < 400 ? "good" : "bad", String(status), detail),
    noted: (title, detail) => add("noted", title, detail),
  };
};
