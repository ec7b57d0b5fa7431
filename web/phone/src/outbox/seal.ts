/**
 * Sealing of the copies kept after sending: AES-256-GCM under a key this browser never gives out.
 *
 * Someone who copies the files of the phone's storage does not read what was reported last month. Where the
 * platform has no cryptography (a page not on HTTPS) the copy is kept open rather than not at all.
 */

import type { Outbox, Sealed } from "./db";

export interface Seal {
  close(text: string): Promise<Sealed>;
  /** The text, or null when it cannot be opened any more. */
  open(sealed: Sealed): Promise<string | null>;
}

/** The seal of this outbox; makes its key at first use. */
export async function sealOf(box: Outbox): Promise<Seal> {
  const key = await keyOf(box);
  return {
    async close(text) {
      const bytes = new TextEncoder().encode(text);
      if (!key) return { iv: null, data: bytes };
      const iv = crypto.getRandomValues(new Uint8Array(12));
      return { iv, data: new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, bytes)) };
    },
    async open(sealed) {
      try {
        const data = new Uint8Array(sealed.data);
        if (!sealed.iv) return new TextDecoder().decode(data);
        if (!key) return null;
        const iv = new Uint8Array(sealed.iv);
        return new TextDecoder().decode(await crypto.subtle.decrypt({ name: "AES-GCM", iv }, key, data));
      } catch {
        return null;
      }
    },
  };
}

async function keyOf(box: Outbox): Promise<CryptoKey | null> {
  if (!globalThis.crypto?.subtle) return null;
  const kept = await box.fact<CryptoKey | null>("journal_key", null);
  if (kept) return kept;
  const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  try {
    await box.setFact("journal_key", key);
    return key;
  } catch {
    return null;
  }
}
