/** This phone's own key pair: it signs, and its private half can never be read out of the browser. */

import { base64 } from "../kernel/bytes";

const CURVE = { name: "ECDSA", namedCurve: "P-256" };

/** A new pair, or null where the platform has no cryptography (a page not on HTTPS). */
export async function makeKeys(): Promise<CryptoKeyPair | null> {
  if (!globalThis.crypto?.subtle) return null;
  return crypto.subtle.generateKey(CURVE, false, ["sign", "verify"]).catch(() => null);
}

/** Can this pair sign? Those that older versions of the app made could not. */
export function maySign(keys: CryptoKeyPair | null): keys is CryptoKeyPair {
  return keys?.privateKey?.usages?.includes("sign") === true;
}

/** What the office is told of the pair: SPKI in base64. */
export async function publicKeyOf(keys: CryptoKeyPair): Promise<string> {
  return base64(await crypto.subtle.exportKey("spki", keys.publicKey));
}

export async function sign(keys: CryptoKeyPair, text: string): Promise<string> {
  return base64(await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, keys.privateKey, new TextEncoder().encode(text)));
}
