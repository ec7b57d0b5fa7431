/**
 * The pair to which this phone seals what it wants to show again: drafts, letters, small pictures of photos.
 *
 * Its public half lies open, so that one can write before the digits are given and when the lease is over. Its private
 * half lies here twice: under the lent key, with which it ends, and sealed to the office in the writer's name. Once a
 * copy is lent again the office gives it back to a phone of hers, and what was sealed to it opens again.
 *
 * It lies beside what it opens and not beside the copy, which may be thrown away at any time.
 */

import { base64 } from "../kernel/bytes";
import { makePair, privateOf, sealTo } from "../kernel/exchange";
import { openText, sealText, type Sealed } from "../kernel/sealing";
import { uuid7 } from "../kernel/uuid7";
import type { Lease } from "../store/lease";
import type { Answer } from "../sync/api";
import type { Outbox } from "./db";
import { withRoom } from "./room";

/** To whom the office wants things sealed, and in whose name; see Me. */
export interface OfficeKey {
  version: number;
  key: string;
  writer?: string;
}

export interface Pair {
  id: string;
  /** The public half, SPKI in base64. */
  spki: string;
  /** The private half under the lent key. */
  sealed?: Sealed;
  /** The private half as the office can open it. One of an app of before has none, and is for showing only. */
  office?: { writer: string; version: number; text: string };
  /** The office cannot open it any more: nothing new is sealed to it. */
  gone?: boolean;
}

/** What of the phone API is needed here. */
export interface Halves {
  half(ask: { id: string; text: string }): Promise<Answer<{ text: string }>>;
}

const FORMAT = "lianhu-pair/1";
const PAIR = "pair";
const GONE = ["sealed.key_gone", "sealed.unreadable"];

/** The office's key; null before it was heard, and without cryptography (a page not on HTTPS). */
export async function officeKey(box: Outbox): Promise<Required<OfficeKey> | null> {
  const office = await box.fact<OfficeKey | null>("rescue_key", null);
  return office?.writer && globalThis.crypto?.subtle ? { ...office, writer: office.writer } : null;
}

/** Bytes sealed to the office: how, and in whose name, as JSON takes it; and the sealed bytes themselves. */
export async function toOffice(
  office: Required<OfficeKey>, format: string, id: string, bytes: Uint8Array<ArrayBuffer>,
): Promise<{ head: object; data: Uint8Array<ArrayBuffer> }> {
  const { sender, nonce, data } = await sealTo(office.key, `${format}\n${office.writer}\n${id}`, bytes);
  const how = { sender: base64(sender.buffer), nonce: base64(nonce.buffer) };
  return { head: { format, writer: office.writer, version: office.version, ...how }, data };
}

/** A text in an envelope to the office. */
export async function envelope(office: Required<OfficeKey>, format: string, id: string, text: string): Promise<string> {
  const { head, data } = await toOffice(office, format, id, new TextEncoder().encode(text));
  return JSON.stringify({ ...head, data: base64(data.buffer) });
}

export class Pairs {
  private open = new Map<string, CryptoKey>();
  private under = "";
  /** Asked for in vain since the start of the app. */
  private readonly refused = new Set<string>();

  constructor(private readonly box: Outbox, private readonly lease: Lease) {}

  /** The one that new things are sealed to: of the present writer, and such that it can come back. */
  async current(): Promise<Pair | null> {
    const office = await officeKey(this.box);
    const fit = office ? (await this.all()).filter((pair) => isFit(pair, office.writer)) : [];
    return fit.filter((pair) => pair.sealed).at(-1) ?? fit.at(-1) ?? null;
  }

  /** The private half; null while it is not lent. What is read is read before the first cryptography (liveQuery). */
  async key(id: string): Promise<CryptoKey | null> {
    const pair = (await this.all()).find((one) => one.id === id);
    const held = await this.lease.held();
    if (!held?.key || !pair?.sealed) return null;
    if (held.id !== this.under) [this.open, this.under] = [new Map(), held.id];
    const known = this.open.get(id);
    if (known) return known;
    const secret = await openText(held.key, pair.sealed, PAIR);
    const key = secret === null ? null : await privateOf(secret).catch(() => null);
    if (key) this.open.set(id, key);
    return key;
  }

  /** See that there is one, and that the office could give it back by the key it has now. Under the uploader's lock. */
  async ready(): Promise<void> {
    const office = await officeKey(this.box);
    if (!office) return;
    const held = await this.lease.held();
    const pairs = await this.all();
    let changed = false;
    for (const pair of pairs) {
      if (pair.office && (pair.office.writer !== office.writer || pair.office.version === office.version)) continue;
      const secret = held?.key && pair.sealed ? await openText(held.key, pair.sealed, PAIR) : null;
      if (secret === null) continue;
      pair.office = await left(office, pair.id, secret);
      changed = true;
    }
    if (!pairs.some((pair) => isFit(pair, office.writer))) {
      const { spki, secret } = await makePair();
      const id = uuid7();
      const sealed = held?.key ? { sealed: await sealText(held.key, secret, PAIR) } : {};
      pairs.push({ id, spki, ...sealed, office: await left(office, id, secret) });
      changed = true;
    }
    if (changed) await withRoom(this.box, () => this.box.setFact("pairs", pairs));
  }

  /** A copy is lent again: private halves that ended with the one before come back. Under the uploader's lock. */
  async bringBack(api: Halves): Promise<void> {
    const [office, held] = [await officeKey(this.box), await this.lease.held()];
    if (!office || !held?.key) return;
    for (const { id, office: mine } of await this.all()) {
      if (mine?.writer !== office.writer || this.refused.has(id) || (await this.key(id))) continue;
      const answer = await api.half({ id, text: mine.text });
      if (answer.ok) await this.change(id, { sealed: await sealText(held.key, answer.body.text, PAIR), gone: false });
      else if (GONE.includes(answer.code)) {
        this.refused.add(id);
        await this.change(id, { gone: true });
      }
    }
    await this.ready();
  }

  private async all(): Promise<Pair[]> {
    const kept = await this.box.fact<Pair[] | null>("pairs", null);
    if (kept) return kept;
    // As an app of before kept its one.
    const [terms, early] = await this.lease.facts.bulkGet(["terms", "pair"]);
    return terms && early ? [{ id: (terms.value as { id: string }).id, ...(early.value as Omit<Pair, "id">) }] : [];
  }

  private async change(id: string, change: Partial<Pair>): Promise<void> {
    const pairs = await this.all();
    await this.box.setFact("pairs", pairs.map((pair) => (pair.id === id ? { ...pair, ...change } : pair)));
  }
}

const isFit = (pair: Pair, writer: string): boolean => pair.office?.writer === writer && !pair.gone;

async function left(office: Required<OfficeKey>, id: string, secret: string): Promise<Pair["office"] & object> {
  return { writer: office.writer, version: office.version, text: await envelope(office, FORMAT, id, secret) };
}
