// What the scripts share: the app they are told about on standard input, and the code that a user reads in a message.
import { readFileSync, readdirSync } from "node:fs";

export const app = JSON.parse(readFileSync(0, "utf8"));

export function codeFor(address) {
  const files = readdirSync(app.outbox).filter((name) => name.endsWith(".json")).sort();
  const messages = files.map((name) => JSON.parse(readFileSync(`${app.outbox}/${name}`, "utf8")));
  return messages.filter((message) => message.to === address).at(-1).code;
}

export function say(found) {
  console.log(JSON.stringify(found));
  process.exit(0);
}

/** Where Amplify keeps its tokens when there is no browser: in memory. */
export function keepTokens(provider) {
  const kept = new Map();
  provider.setKeyValueStorage({
    setItem: async (key, value) => void kept.set(key, value),
    getItem: async (key) => kept.get(key) ?? null,
    removeItem: async (key) => void kept.delete(key),
    clear: async () => kept.clear(),
  });
}
