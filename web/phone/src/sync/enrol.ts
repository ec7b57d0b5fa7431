/** Enrolment: a one-time code from the office becomes this phone's own credential and its own key pair. */

import { base64 } from "../kernel/bytes";
import type { Outbox } from "../outbox/db";
import type { Mark } from "../outbox/marker";
import type { Api, Failure } from "./api";
import { photosToSend } from "./photos";

/** The token in a scanned link (`/phone/#enrol=<token>`), or what was typed, without spaces. */
export function tokenIn(text: string): string {
  const found = /[#&?]enrol=([^&\s]+)/.exec(text);
  return found ? decodeURIComponent(found[1]!) : text.replace(/\s+/g, "");
}

/**
 * Null when enrolled; else why not. A phone enrolled again keeps its outbox, its numbers and its journal; one whose
 * storage was cleared goes on behind the last number its mark knows, so that the office sees what is missing.
 */
export async function enrol(
  box: Outbox, api: Api, token: string, deviceName: string, mark: Mark | null = null,
): Promise<Failure | null> {
  const keys = await makeKeys();
  const before = (await box.fact("device_id", "")) || mark?.device;
  const seq = Math.max(await box.fact("seq", 0), mark?.seq ?? 0);
  const oldest = await box.waiting.orderBy("seq").first();
  const answer = await api.enrol({
    token, device_name: deviceName, ...(keys ? { public_key: keys.publicKey } : {}),
    ...(before ? { continues: before } : {}), first_seq: Math.min(oldest?.seq ?? seq + 1, seq + 1),
  });
  if (!answer.ok) return answer;
  if (typeof answer.body?.credential !== "string") {
    return { ok: false, status: 0, code: "not_the_office", title: "", wait: 0, body: {} };
  }
  await box.transaction("rw", box.facts, async () => {
    await box.setFact("credential", answer.body.credential);
    await box.setFact("device_id", answer.body.device_id);
    await box.setFact("device_name", deviceName);
    await box.setFact("seq", Math.max(await box.fact("seq", 0), seq));
    await box.setFact("refused", false);
  });
  if (keys) await box.setFact("device_keys", keys.pair).catch(() => undefined);
  return null;
}

/** P-256 key agreement; the private half can be used by this browser and never be read out of it. */
async function makeKeys(): Promise<{ pair: CryptoKeyPair; publicKey: string } | null> {
  if (!globalThis.crypto?.subtle) return null;
  try {
    const pair = await crypto.subtle.generateKey({ name: "ECDH", namedCurve: "P-256" }, false, ["deriveBits"]);
    return { pair, publicKey: base64(await crypto.subtle.exportKey("spki", pair.publicKey)) };
  } catch {
    return null;
  }
}

/** Sign off: this phone forgets the credential and all it kept. Only with an empty outbox. */
export async function signOff(box: Outbox, dropParcels: () => Promise<void>): Promise<boolean> {
  if ((await box.waiting.count()) > 0 || (await photosToSend(box)).length > 0) return false;
  await dropParcels();
  await box.transaction("rw", [box.facts, box.journal, box.trouble, box.drafts, box.photos], async () => {
    await Promise.all([box.journal.clear(), box.trouble.clear(), box.drafts.clear(), box.photos.clear()]);
    for (const name of ["credential", "device_id", "device_name", "device_keys", "refused", "delivered_at"]) {
      await box.facts.delete(name);
    }
  });
  return true;
}
