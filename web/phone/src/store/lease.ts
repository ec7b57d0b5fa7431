/**
 * The key to the phone's copy of the parcels, lent by the office for so many hours and lent anew at each contact.
 *
 * It is made of two parts: one that the browser never gives out, in a database, and random bytes in a file that can
 * really be deleted (part.ts). A database's rows are only marked as deleted and stay in its files for a while; without
 * the other part they open nothing. What is counted is time that the phone saw pass, so that a clock set back lengthens
 * nothing and no date has to be right.
 */

import Dexie, { type Table } from "dexie";
import { dropPart, keepPart, readPart } from "./part";
import { closePart, FREE, MOST, newPin, openPart, tryPin, WAIT_MS, type PinRow } from "./pin";

/** The key, and the name by which a sealed row says which key it needs. */
export interface Held {
  id: string;
  /** Null where the platform has no cryptography. */
  key: CryptoKey | null;
}

interface Terms {
  id: string;
  hours: number;
  /** Milliseconds seen to pass since the office was last reached, and when one last looked. */
  spent: number;
  seen_at: number;
}

/** What is lent when the office names no time of its own. */
export const HOURS = 72;
const HOUR_MS = 3_600_000;
/** No need to write down less than this. */
const WORTH_MS = 60_000;

export class Lease extends Dexie {
  facts!: Table<{ name: string; value: unknown }, string>;
  /** The key as it was put together last; in force only while the terms name it. */
  private known: Held | null = null;
  /** What the person's digits give, while this page is open. */
  private pin: CryptoKey | null = null;

  constructor(name: string, engine: { indexedDB?: IDBFactory; IDBKeyRange?: typeof IDBKeyRange } = {}) {
    super(name, { chromeTransactionDurability: "strict", ...engine });
    this.version(1).stores({ facts: "name" });
  }

  /** The key in force, or null. */
  async held(): Promise<Held | null> {
    const rows = new Map((await this.facts.toArray()).map((row) => [row.name, row.value]));
    const terms = rows.get("terms") as Terms | undefined;
    if (!terms) return null;
    if (this.known?.id === terms.id) return this.known;
    const base = rows.get("key") as CryptoKey | undefined;
    if (!base) return globalThis.crypto?.subtle ? null : { id: terms.id, key: null };
    const kept = await readPart(this, terms.id);
    if (!kept || (rows.has("pin") && !this.pin)) return null;
    const part = rows.has("pin") ? await openPart(this.pin!, kept).catch(() => null) : kept;
    const key = part ? await joined(base, part).catch(() => null) : null;
    return key && (this.known = { id: terms.id, key });
  }

  /** The office was reached: from now on so many hours again. */
  async renew(now: number, hours = HOURS): Promise<Held> {
    const held = (await this.held()) ?? (await this.make());
    await this.facts.put({ name: "terms", value: { id: held.id, hours, spent: 0, seen_at: now } satisfies Terms });
    return held;
  }

  private async make(): Promise<Held> {
    const id = crypto.getRandomValues(new Uint32Array(2)).join("-");
    if (!globalThis.crypto?.subtle) return { id, key: null };
    const base = await crypto.subtle.importKey("raw", crypto.getRandomValues(new Uint8Array(32)), "HKDF", false, ["deriveKey"]);
    const part = crypto.getRandomValues(new Uint8Array(32));
    if (await this.isLocked()) throw new Error("the copy is locked");
    await this.facts.put({ name: "key", value: base });
    await keepPart(this, id, this.pin ? await closePart(this.pin, part) : part);
    this.known = { id, key: await joined(base, part) };
    return this.known;
  }

  /** Do the digits have to be asked for? */
  async isLocked(): Promise<boolean> {
    return this.pin === null && (await this.hasPin());
  }

  async hasPin(): Promise<boolean> {
    return (await this.facts.get("pin")) !== undefined;
  }

  /** From now on these digits, or none. Only while the copy is open. */
  async setPin(digits: string | null): Promise<void> {
    const held = await this.held();
    if (!held?.key || (await this.isLocked())) throw new Error("the copy is not open");
    const kept = (await readPart(this, held.id))!;
    const part = this.pin ? await openPart(this.pin, kept) : kept;
    const made = digits === null ? null : await newPin(digits);
    await keepPart(this, held.id, made ? await closePart(made.key, part) : part);
    // Whoever looks meanwhile finds it open: the key before the row, the row before the key.
    if (made) this.pin = made.key;
    if (made) await this.facts.put({ name: "pin", value: made.row });
    else await this.forgetPin();
  }

  /** How many digits may still be tried. */
  async triesLeft(): Promise<number> {
    return MOST - (((await this.facts.get("pin"))?.value as PinRow | undefined)?.tries ?? 0);
  }

  /** Try these digits; each try is counted before it is looked at. `spent`: it was the last, and wrong. */
  async unlock(digits: string, wait: (ms: number) => Promise<void>): Promise<"open" | "wrong" | "spent"> {
    const tries = await this.transaction("rw", this.facts, async () => {
      const row = (await this.facts.get("pin"))!.value as PinRow;
      await this.facts.put({ name: "pin", value: { ...row, tries: row.tries + 1 } });
      return row.tries + 1;
    });
    if (tries > FREE) await wait(WAIT_MS);
    const row = (await this.facts.get("pin"))!.value as PinRow;
    const key = tries > MOST ? null : await tryPin(digits, row);
    if (key) {
      this.pin = key;
      await this.facts.put({ name: "pin", value: { ...row, tries: 0 } });
      return "open";
    }
    return tries >= MOST ? "spent" : "wrong";
  }

  /** The digits go too: for a phone that has to be enrolled anew. */
  async forgetPin(): Promise<void> {
    await this.facts.delete("pin");
    this.pin = null;
  }

  /** Is it over? Counts what has passed since one last looked. */
  async isOver(now: number): Promise<boolean> {
    return this.transaction("rw", this.facts, async () => {
      const terms = (await this.facts.get("terms"))?.value as Terms | undefined;
      if (!terms) return false;
      const passed = now - terms.seen_at;
      const spent = terms.spent + Math.max(0, passed);
      if (passed < 0 || passed >= WORTH_MS) await this.facts.put({ name: "terms", value: { ...terms, spent, seen_at: now } });
      return spent >= terms.hours * HOUR_MS;
    });
  }

  /** Give the key back: nothing that was sealed with it opens again. The digits stay, or waiting would open the next. */
  async wipe(): Promise<void> {
    this.known = null;
    await this.facts.bulkDelete(["key", "part", "terms", "pair"]);
    await dropPart(this);
  }
}

async function joined(base: CryptoKey, part: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  const how = { name: "HKDF", hash: "SHA-256", salt: part, info: new TextEncoder().encode("lianhu copy") };
  return crypto.subtle.deriveKey(how, base, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}
