/**
 * A new credential now and then, and the way back to an office that was set back.
 *
 * The phone makes it, writes it down, and only then tells the office its hash, signed with the phone's key. The answer
 * may be lost: the same one is offered again, and the old one goes on until then. Once the new one was taken the old one
 * is never used again, for whoever comes with it later has a copy, and the office ends the phone.
 */

import { sha256 } from "../kernel/sha256";
import type { Outbox } from "../outbox/db";
import type { Api, Failure } from "./api";
import { makeKeys, maySign, publicKeyOf, sign } from "./key";

/** `taken`: from the next call on the new one; `later`: nothing changed; `ended`: the office knows no such phone. */
export type RenewEnd = "taken" | "later" | "ended";

export interface RenewPorts {
  box: Outbox;
  api: Api;
}

/** Take a new credential; a phone whose key the office does not know brings that first. */
export async function renew({ box, api }: RenewPorts): Promise<RenewEnd> {
  const credential = await box.fact<string | null>("credential", null);
  const keys = await signingKeys(box);
  if (!credential || !keys) return "later";
  if (!(await box.fact("key_known", false))) return bringKey({ box, api }, keys, credential);
  return offer({ box, api }, keys);
}

/** The office does not know this phone's credential: perhaps it was set back to an older state, and knows the key. */
export async function reclaim({ box, api }: RenewPorts): Promise<RenewEnd> {
  const keys = await box.fact<CryptoKeyPair | null>("device_keys", null);
  if (!maySign(keys) || !(await box.fact("key_known", false))) return "ended";
  return offer({ box, api }, keys);
}

async function bringKey({ box, api }: RenewPorts, keys: CryptoKeyPair, credential: string): Promise<RenewEnd> {
  const failure = await say({ box, api }, keys, sha256(credential), await publicKeyOf(keys));
  if (failure) return endOf(failure);
  await box.setFact("key_known", true);
  return "taken";
}

async function offer({ box, api }: RenewPorts, keys: CryptoKeyPair): Promise<RenewEnd> {
  const before = await box.fact<string | null>("credential", null);
  const next = (await box.fact<string | null>("next_credential", null)) ?? random();
  await box.setFact("next_credential", next);
  const failure = await say({ box, api }, keys, sha256(next));
  if (failure) {
    // One the office will not have is not offered for ever.
    if (failure.status === 403) await box.facts.delete("next_credential");
    return endOf(failure);
  }
  return box.transaction("rw", box.facts, async (): Promise<RenewEnd> => {
    // The phone may have been enrolled anew meanwhile.
    if ((await box.fact<string | null>("credential", null)) !== before) return "later";
    await box.facts.put({ name: "credential", value: next });
    await box.facts.delete("next_credential");
    return "taken";
  });
}

async function say({ box, api }: RenewPorts, keys: CryptoKeyPair, next: string, publicKey?: string): Promise<Failure | null> {
  const device_id = await box.fact("device_id", "");
  const asked = await api.challenge(device_id);
  if (!asked.ok) return asked;
  const { challenge } = asked.body;
  const proof = await sign(keys, `lianhu credential/1\n${device_id}\n${challenge}\n${next}`);
  const answer = await api.renew({ device_id, challenge, next, proof, ...(publicKey ? { public_key: publicKey } : {}) });
  return answer.ok ? null : answer;
}

/** The phone's pair; one of before that cannot sign is replaced. Null where there is no cryptography. */
async function signingKeys(box: Outbox): Promise<CryptoKeyPair | null> {
  const kept = await box.fact<CryptoKeyPair | null>("device_keys", null);
  if (maySign(kept)) return kept;
  const made = await makeKeys();
  if (!made) return null;
  try {
    await box.transaction("rw", box.facts, async () => {
      await box.facts.put({ name: "device_keys", value: made });
      await box.facts.put({ name: "key_known", value: false });
    });
    return made;
  } catch {
    return null;
  }
}

function endOf(failure: Failure): RenewEnd {
  return failure.status === 401 ? "ended" : "later";
}

/** 256 random bits as text that a header takes. */
function random(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  return btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
}
