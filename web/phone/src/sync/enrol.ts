/** Enrolment: a one-time code from the office becomes this phone's own credential and its own key pair. */

import type { Outbox } from "../outbox/db";
import type { Mark } from "../outbox/marker";
import type { Api, Failure } from "./api";
import { makeKeys, publicKeyOf, sign } from "./key";
import { photosToSend } from "./photos";

/** An enrolment that the desk has not confirmed yet; what was before goes on until then. */
export interface Pending {
  device_id: string;
  credential: string;
  device_name: string;
  seq: number;
  has_key: boolean;
  /** What this phone shows; the desk's screen shows the same. */
  confirm: string;
}

/** The token in a scanned link (`/phone/#enrol=<token>`), or what was typed, without spaces. */
export function tokenIn(text: string): string {
  const found = /[#&?]enrol=([^&\s]+)/.exec(text);
  return found ? decodeURIComponent(found[1]!) : text.replace(/\s+/g, "");
}

/**
 * Null when enrolled, or pending (see the fact); else why not. A phone enrolled again keeps its outbox, its numbers and
 * its journal; one whose storage was cleared goes on behind the last number its mark knows, so that the office sees what
 * is missing.
 */
export async function enrol(
  box: Outbox, api: Api, token: string, deviceName: string, mark: Mark | null = null,
): Promise<Failure | null> {
  const key = await newKey(box, token);
  const before = (await box.fact("device_id", "")) || mark?.device;
  const seq = Math.max(await box.fact("seq", 0), mark?.seq ?? 0);
  const oldest = await box.waiting.orderBy("seq").first();
  const answer = await api.enrol({
    token, device_name: deviceName, ...(key ?? {}),
    ...(before ? { continues: before } : {}), first_seq: Math.min(oldest?.seq ?? seq + 1, seq + 1),
  });
  if (!answer.ok) return answer;
  if (typeof answer.body?.credential !== "string") {
    return { ok: false, status: 0, code: "not_the_office", title: "", wait: 0, body: {} };
  }
  const { device_id, credential, confirm } = answer.body;
  const pending: Pending = { device_id, credential, device_name: deviceName, seq, has_key: key !== null, confirm: confirm ?? "" };
  await box.setFact("pending", pending);
  if (!confirm) await adopt(box, pending);
  return null;
}

/** `in`: the desk confirmed it, it is enrolled now; `out`: the desk refused it, or it took too long. */
export async function askConfirmed(box: Outbox, api: Api): Promise<"in" | "waits" | "out" | "none" | "unreachable"> {
  const pending = await box.fact<Pending | null>("pending", null);
  if (!pending) return "none";
  const answer = await api.enrolment(pending.credential);
  if (!answer.ok && answer.status === 401) {
    await dropPending(box, pending);
    return "out";
  }
  if (!answer.ok || typeof answer.body?.confirmed !== "boolean") return "unreachable";
  if (!answer.body.confirmed) return "waits";
  await adopt(box, pending);
  return "in";
}

/** Not to be waited for any longer. */
export async function dropPending(box: Outbox, pending: Pending): Promise<void> {
  await box.transaction("rw", box.facts, async () => {
    const now = await box.fact<Pending | null>("pending", null);
    if (now?.device_id === pending.device_id) await box.facts.bulkDelete(["pending", "next_keys"]);
  });
}

/** One transaction: this is what the phone is from now on. */
async function adopt(box: Outbox, pending: Pending): Promise<void> {
  await box.transaction("rw", box.facts, async () => {
    const now = await box.fact<Pending | null>("pending", null);
    if (now?.device_id !== pending.device_id) return; // another window was quicker
    const keys = await box.facts.get("next_keys");
    if (pending.has_key && keys) await box.facts.put({ name: "device_keys", value: keys.value });
    else await box.facts.delete("device_keys");
    await box.setFact("key_known", pending.has_key);
    await box.setFact("credential", pending.credential);
    await box.setFact("device_id", pending.device_id);
    await box.setFact("device_name", pending.device_name);
    await box.setFact("seq", Math.max(await box.fact("seq", 0), pending.seq));
    await box.setFact("refused", false);
    // Whose letters they are from now on is told with the office's key.
    await box.facts.bulkDelete(["pending", "next_keys", "next_credential", "rescue_key"]);
  });
}

/** A pair for this enrolment, written down before the office hears of it; null where there is no cryptography. */
async function newKey(box: Outbox, token: string): Promise<{ public_key: string; proof: string } | null> {
  const keys = await makeKeys();
  if (!keys) return null;
  try {
    await box.setFact("next_keys", keys);
  } catch {
    return null;
  }
  const public_key = await publicKeyOf(keys);
  return { public_key, proof: await sign(keys, `lianhu enrol/1\n${token}\n${public_key}`) };
}

/** Sign off: this phone forgets the credential and all it kept. Only with an empty outbox. */
export async function signOff(box: Outbox, dropParcels: () => Promise<void>): Promise<boolean> {
  if ((await box.waiting.count()) > 0 || (await photosToSend(box)).length > 0) return false;
  await dropParcels();
  await box.transaction("rw", [box.facts, box.journal, box.trouble, box.drafts, box.photos], async () => {
    await Promise.all([box.journal.clear(), box.trouble.clear(), box.drafts.clear(), box.photos.clear()]);
    await box.facts.bulkDelete(["credential", "device_id", "device_name", "device_keys", "key_known", "next_credential", "next_keys", "pending", "refused", "delivered_at", "pairs"]);
  });
  return true;
}
