/**
 * Everything this phone could not send, sealed to the office's public key, as a file: for a phone that is broken, or
 * whose person changes to another. The copy here stays and may still be sent; the office takes each letter once.
 */

import { base64 } from "../kernel/bytes";
import { parts, sealTo } from "../kernel/exchange";
import type { Outbox } from "./db";
import type { OfficeKey } from "./pairs";

const FORMAT = "lianhu-rescue/1";

/** The text of the file; null when this phone has never heard the office's key, or has no cryptography. */
export async function rescueFile(box: Outbox): Promise<string | null> {
  const office = await box.fact<OfficeKey | null>("rescue_key", null);
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

async function seal(office: OfficeKey, text: string): Promise<string> {
  const sealed = await sealTo(office.key, FORMAT, new TextEncoder().encode(text));
  return JSON.stringify({ format: FORMAT, version: office.version, ...parts(sealed) });
}
