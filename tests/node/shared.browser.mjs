// The same in a browser: whoever opened the page has put the app there, reads the messages, and takes what is said.
export const { app, codeFor, moveClock } = window;

export function say(found) {
  window.said = found;
}

/** A browser has a place for tokens. */
export function keepTokens() {}
