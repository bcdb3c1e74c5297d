// Secure Remote Password as Cognito speaks it: the group of RFC 3526 (3072 bits), SHA-256, and a derived key that
// signs the challenge. The password never leaves this file.

import { base64, bytesOf, fromBase64, fromHex, hex, hmac, joined, sha256 } from "./bytes.js";

const N = BigInt(
  "0x" +
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD" +
    "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED" +
    "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F" +
    "83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B" +
    "E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510" +
    "15728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7" +
    "ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200C" +
    "BBE117577A615D6C770988C0BAD946E208E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF",
);
const G = 2n;
const INFO = "Caldera Derived Key";
const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

const modulo = (value) => ((value % N) + N) % N;

const power = (base, exponent) => {
  let result = 1n;
  let factor = modulo(base);
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * factor) % N;
    factor = (factor * factor) % N;
  }
  return result;
};

// A number as the bytes of a positive two's complement, which is how both sides hash it.
const padded = (value) => {
  const digits = value.toString(16);
  const even = digits.length % 2 ? `0${digits}` : digits;
  return fromHex(/^[89a-f]/.test(even) ? `00${even}` : even);
};

const number = (bytes) => BigInt(`0x${hex(bytes)}`);

export const begin = () => {
  const secret = number(crypto.getRandomValues(new Uint8Array(128))) % N;
  return { secret, publicValue: power(G, secret) };
};

// What RespondToAuthChallenge wants for PASSWORD_VERIFIER.
export const prove = async (attempt, poolId, password, asked, now = new Date()) => {
  const poolName = poolId.split("_")[1];
  const user = asked.USER_ID_FOR_SRP;
  const theirs = BigInt(`0x${asked.SRP_B}`);
  if (modulo(theirs) === 0n) throw new Error("The server's value is not acceptable.");
  const mixed = number(await sha256(joined(padded(attempt.publicValue), padded(theirs))));
  if (mixed === 0n) throw new Error("The server's value is not acceptable.");
  const identity = await sha256(bytesOf(`${poolName}${user}:${password}`));
  const x = number(await sha256(joined(padded(BigInt(`0x${asked.SALT}`)), identity)));
  const k = number(await sha256(joined(padded(N), padded(G))));
  const shared = power(theirs - k * power(G, x), attempt.secret + mixed * x);
  const extracted = await hmac(padded(mixed), padded(shared));
  const key = (await hmac(extracted, joined(bytesOf(INFO), Uint8Array.of(1)))).slice(0, 16);
  const timestamp = shown(now);
  const signed = joined(bytesOf(`${poolName}${user}`), fromBase64(asked.SECRET_BLOCK), bytesOf(timestamp));
  return {
    USERNAME: user,
    PASSWORD_CLAIM_SECRET_BLOCK: asked.SECRET_BLOCK,
    PASSWORD_CLAIM_SIGNATURE: base64(await hmac(key, signed)),
    TIMESTAMP: timestamp,
  };
};

// Tue Nov 3 09:05:07 UTC 2026: the day of the month without a zero before it.
const shown = (at) => {
  const time = at.toISOString().slice(11, 19);
  return `${DAYS[at.getUTCDay()]} ${MONTHS[at.getUTCMonth()]} ${at.getUTCDate()} ${time} UTC ${at.getUTCFullYear()}`;
};
