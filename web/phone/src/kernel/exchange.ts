/**
 * Sealed to a public key, which anybody may have: a P-256 pair for one use, HKDF-SHA256, AES-256-GCM. The office opens
 * what is sealed to it with kernel/exchange.py.
 */

import { base64, fromBase64 } from "./bytes";

/** What whoever holds the private half needs to open it. */
export interface Envelope {
  sender: Uint8Array<ArrayBuffer>;
  nonce: Uint8Array<ArrayBuffer>;
  data: Uint8Array<ArrayBuffer>;
}

export interface Pair {
  /** SPKI in base64. */
  spki: string;
  /** PKCS #8 in base64: to be sealed before it is written down. */
  secret: string;
}

const CURVE = { name: "ECDH", namedCurve: "P-256" };

/** Bytes sealed to a key (SPKI in base64); `about` has to be said again to open them. */
export async function sealTo(spki: string, about: string, bytes: Uint8Array<ArrayBuffer>): Promise<Envelope> {
  const theirs = await crypto.subtle.importKey("spki", fromBase64(spki), CURVE, false, []);
  const own = await crypto.subtle.generateKey(CURVE, false, ["deriveBits"]);
  const key = await agreed(own.privateKey, theirs, about);
  const nonce = crypto.getRandomValues(new Uint8Array(12));
  const data = await crypto.subtle.encrypt({ name: "AES-GCM", iv: nonce }, key, bytes);
  return { sender: new Uint8Array(await crypto.subtle.exportKey("spki", own.publicKey)), nonce, data: new Uint8Array(data) };
}

/** What was sealed to this pair's public half; null when it was not, or for something else. */
export async function openFrom(mine: CryptoKey, about: string, sealed: Envelope): Promise<Uint8Array<ArrayBuffer> | null> {
  try {
    const theirs = await crypto.subtle.importKey("spki", new Uint8Array(sealed.sender), CURVE, false, []);
    const key = await agreed(mine, theirs, about);
    const how = { name: "AES-GCM", iv: new Uint8Array(sealed.nonce) };
    return new Uint8Array(await crypto.subtle.decrypt(how, key, new Uint8Array(sealed.data)));
  } catch {
    return null;
  }
}

/** A pair whose private half is told once, to be kept sealed. */
export async function makePair(): Promise<Pair> {
  const made = await crypto.subtle.generateKey(CURVE, true, ["deriveBits"]);
  return {
    spki: base64(await crypto.subtle.exportKey("spki", made.publicKey)),
    secret: base64(await crypto.subtle.exportKey("pkcs8", made.privateKey)),
  };
}

/** The private half, for this page only. */
export function privateOf(secret: string): Promise<CryptoKey> {
  return crypto.subtle.importKey("pkcs8", fromBase64(secret), CURVE, false, ["deriveBits"]);
}

/** An envelope's parts as JSON takes them. */
export function parts(sealed: Envelope): { sender: string; nonce: string; data: string } {
  return { sender: base64(sealed.sender.buffer), nonce: base64(sealed.nonce.buffer), data: base64(sealed.data.buffer) };
}

async function agreed(mine: CryptoKey, theirs: CryptoKey, about: string): Promise<CryptoKey> {
  const secret = await crypto.subtle.deriveBits({ name: "ECDH", public: theirs }, mine, 256);
  const base = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveKey"]);
  const how = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: new TextEncoder().encode(about) };
  return crypto.subtle.deriveKey(how, base, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}
