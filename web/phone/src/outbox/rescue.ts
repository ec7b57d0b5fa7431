/**
 * Everything this phone could not send, sealed to the office's public key, as a file: for a phone that is broken, or
 * whose person changes to another. The copy here stays and may still be sent; the office takes each letter once.
 */

import { base64 } from "../kernel/bytes";
import type { Outbox } from "./db";

export interface RescueKey {
  version: number;
  key: string;
}

const FORMAT = "lianhu-rescue/1";

/** The text of the file; null when this phone has never heard the office's key, or has no cryptography. */
export async function rescueFile(box: Outbox): Promise<string | null> {
  const office = await box.fact<RescueKey | null>("rescue_key", null);
  const credential = await box.fact<string | null>("credential", null);
  if (!office || !credential || !globalThis.crypto?.subtle) return null;
  const letters = (await box.waiting.orderBy("seq").toArray()).map(({ id, sha256, text, media }) => ({ id, sha256, text, media }));
  const photos = [];
  for (const photo of await box.photos.toArray()) {
    const owned = (await box.waiting.get(photo.letter)) ?? (await box.journal.get(photo.letter));
    if (!photo.sent && owned) photos.push({ sha256: photo.sha256, data: base64(photo.bytes.slice().buffer) });
  }
  return seal(office, JSON.stringify({ credential, letters, photos }));
}

async function seal(office: RescueKey, text: string): Promise<string> {
  const curve = { name: "ECDH", namedCurve: "P-256" };
  const theirs = await crypto.subtle.importKey("spki", bytesOf(office.key), curve, false, []);
  const own = await crypto.subtle.generateKey(curve, false, ["deriveBits"]);
  const secret = await crypto.subtle.deriveBits({ name: "ECDH", public: theirs }, own.privateKey, 256);
  const key = await crypto.subtle.deriveKey(
    { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: new TextEncoder().encode(FORMAT) },
    await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveKey"]),
    { name: "AES-GCM", length: 256 }, false, ["encrypt"],
  );
  const nonce = crypto.getRandomValues(new Uint8Array(12));
  const data = await crypto.subtle.encrypt({ name: "AES-GCM", iv: nonce }, key, new TextEncoder().encode(text));
  return JSON.stringify({
    format: FORMAT, version: office.version, sender: base64(await crypto.subtle.exportKey("spki", own.publicKey)),
    nonce: base64(nonce.buffer), data: base64(data),
  });
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
}
