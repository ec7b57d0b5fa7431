/**
 * What is written here lies sealed, in two copies: one to the office's public key, which is what is sent and which
 * nobody on the phone can open, and one to the phone's own pair (pairs.ts), which it shows as long as its copy is lent.
 * When the lease ends, or the phone is ended, the first is left, and still goes.
 *
 * Where the office's key was never heard, or there is no cryptography (a page not on HTTPS), a letter is kept open
 * rather than not at all, and sealed later.
 */

import type { Table } from "dexie";
import { openFrom, sealTo, type Envelope } from "../kernel/exchange";
import { openText, type Sealed } from "../kernel/sealing";
import { sha256 } from "../kernel/sha256";
import type { Lease } from "../store/lease";
import type { Journalled, Outbox } from "./db";
import { envelope, officeKey, Pairs } from "./pairs";

/** A copy that this phone can show; `key` names the pair that opens it. */
export interface Own extends Envelope {
  key: string;
}

/** What is in it: the letter's text and, once the office has answered, the code to follow it. */
export interface Words {
  text: string;
  ref?: string | null;
}

/** What all that is sealed has in common; `ref` lies open only beside an open text. */
interface Row {
  id: string;
  text: string;
  own?: Own;
  ref?: string | null;
}

/** A row, and what it says where that can be shown. */
export type Shown<T> = T & { said: string | null; ref: string | null };

/** A copy as an app of before kept it, under a key that never ended. */
type Early = Journalled & { sealed?: Sealed; touches?: unknown };

const FORMAT = "lianhu-letter/1";
const START = `{"format":"${FORMAT}",`;

export const isSealed = (text: string): boolean => text.startsWith(START);

export class Seal {
  readonly pairs: Pairs;

  constructor(private readonly box: Outbox, lease: Lease) {
    this.pairs = new Pairs(box, lease);
  }

  /** A letter's text as it waits: sealed to the office where that is possible. */
  async close(id: string, text: string): Promise<{ text: string; sha256: string; own?: Own }> {
    const office = await officeKey(this.box);
    if (!office) return { text, sha256: sha256(text) };
    const closed = await envelope(office, FORMAT, id, text);
    return { text: closed, sha256: sha256(closed), ...(await this.keep(id, { text })) };
  }

  /** A letter's copy to show. */
  async keep(id: string, words: Words): Promise<{ own?: Own }> {
    const own = await this.own(id, new TextEncoder().encode(JSON.stringify(words)));
    return own ? { own } : {};
  }

  /** Bytes sealed to this phone's own pair, under the name of what they are; null where there is none. */
  async own(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<Own | null> {
    const pair = await this.pairs.current();
    return pair && { key: pair.id, ...(await sealTo(pair.spki, about(name), bytes)) };
  }

  /** What `own` sealed, while that is lent. */
  async reveal(name: string, own: Own): Promise<Uint8Array<ArrayBuffer> | null> {
    const key = await this.pairs.key(own.key);
    return key && ((await openFrom(key, about(name), own)) as Uint8Array<ArrayBuffer> | null);
  }

  /** What a row says, or null when this phone cannot show it (any more, or before the digits are given). */
  async show(row: Row): Promise<Words | null> {
    return (row.own ? await this.opened(row.id, row.own) : null) ?? (isSealed(row.text) ? null : { text: row.text, ref: row.ref ?? null });
  }

  /** Rows with what they say beside them. */
  shown<T extends Row>(rows: T[]): Promise<Shown<T>[]> {
    return Promise.all(rows.map(async (row) => {
      const words = await this.show(row);
      return { ...row, said: words?.text ?? null, ref: words?.ref ?? null };
    }));
  }

  /** Sealed anew, to the key that the office has now; nothing changes where this phone cannot show it. */
  async anew(id: string): Promise<void> {
    const row = await this.box.waiting.get(id);
    const words = row ? await this.show(row) : null;
    if (row && words) await this.replace(this.box.waiting, row, await this.close(id, words.text));
  }

  /**
   * What still lies open, or sealed as by an app of before, is sealed as it is now. Only while nothing is being sent: a
   * letter's hash changes with it. One whose hash does not fit is left to whoever sends it.
   */
  async rest(): Promise<void> {
    // Without a pair there is less to show; what waits goes all the same.
    await this.pairs.ready().catch((error: unknown) => console.warn("no pair", (error as Error)?.name));
    const { waiting, trouble, journal } = this.box;
    for (const row of await waiting.filter((one) => !isSealed(one.text)).toArray()) {
      if (sha256(row.text) === row.sha256) await this.replace(waiting, row, await this.close(row.id, row.text));
    }
    for (const row of await trouble.filter((one) => !isSealed(one.text)).toArray()) {
      const { text, own } = await this.close(row.id, row.text);
      await this.replace(trouble, row, { text, ...(own ? { own } : {}) });
    }
    const early = await this.box.fact<CryptoKey | null>("journal_key", null);
    for (const row of (await journal.toArray()) as Early[]) {
      const text = row.sealed ? await openText(early, row.sealed) : isSealed(row.text) ? null : row.text;
      if (text === null) continue;
      const closed = await this.close(row.id, text);
      if (!isSealed(closed.text)) return;
      const kept = await this.keep(row.id, { text, ref: row.ref ?? null });
      const { sealed: _, touches: __, ref: ___, ...plain } = row;
      await journal.put({ ...plain, ...closed, ...kept });
    }
    if (early) await this.box.facts.delete("journal_key");
  }

  private async replace<T extends Row>(table: Table<T, string>, row: T, closed: Partial<Row>): Promise<void> {
    if (closed.text === row.text) return;
    await table.where("id").equals(row.id).modify((now) => {
      if (now.text === row.text) Object.assign(now, closed);
    });
  }

  private async opened(id: string, own: Own): Promise<Words | null> {
    const bytes = await this.reveal(id, own);
    return bytes && (JSON.parse(new TextDecoder().decode(bytes)) as Words);
  }
}

const about = (name: string): string => `lianhu-own/1\n${name}`;
