/**
 * Sealing of the copies kept after sending: AES-256-GCM under a key this browser never gives out.
 *
 * Someone who copies the files of the phone's storage does not read what was reported last month. Where the
 * platform has no cryptography (a page not on HTTPS) the copy is kept open rather than not at all.
 */

import { makeKey, openText, sealText, type Sealed } from "../kernel/sealing";
import type { Outbox } from "./db";

export interface Seal {
  close(text: string): Promise<Sealed>;
  /** The text, or null when it cannot be opened any more. */
  open(sealed: Sealed): Promise<string | null>;
}

/** The seal of this outbox; makes its key at first use. */
export async function sealOf(box: Outbox): Promise<Seal> {
  const key = await keyOf(box);
  return { close: (text) => sealText(key, text), open: (sealed) => openText(key, sealed) };
}

async function keyOf(box: Outbox): Promise<CryptoKey | null> {
  const kept = await box.fact<CryptoKey | null>("journal_key", null);
  if (kept) return kept;
  const key = await makeKey();
  if (!key) return null;
  try {
    await box.setFact("journal_key", key);
    return key;
  } catch {
    return null;
  }
}
