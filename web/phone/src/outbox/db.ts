/**
 * The outbox: everything this phone wrote, in a database of its own.
 *
 * It is kept apart from the parcels so that clearing those, a failed upgrade of those, or a revoked device never
 * touches a letter. Strict durability: a finished transaction is on the flash, not only in a buffer.
 */

import Dexie, { type Table } from "dexie";
import type { Own } from "./seal";

/** A letter waiting to be sent, as it is sent: sealed, see seal.ts. `seq` is its device_seq and the order of sending. */
export interface Waiting {
  id: string;
  seq: number;
  kind: string;
  /** Of `text` as it stands here. */
  sha256: string;
  text: string;
  own?: Own;
  media: string[];
  saved_at: number;
  /** Why the office could not take it yet, where a person has to do something. */
  stuck?: string;
}

export type Outcome = "stored" | "held" | "quarantined";

/** A letter the office has answered for, as it was sent; offered again when the office was restored from a backup. */
export interface Journalled {
  id: string;
  seq: number;
  kind: string;
  sha256: string;
  text: string;
  own?: Own;
  media: string[];
  outcome: Outcome;
  code: string | null;
  /** Only beside an open text; else it is in `own`. */
  ref?: string | null;
  epoch: string;
  /** The office's count of backups when it answered; see covered.ts. */
  mark?: number | null;
  saved_at: number;
  settled_at: number;
  /** 1 until a pull has followed, so that the screens can still count it. */
  fresh: 0 | 1;
}

/** A letter a person has to look at. `damaged`: its bytes no longer fit the hash taken when it was saved. */
export interface Trouble {
  id: string;
  kind: string;
  text: string;
  own?: Own;
  outcome: "held" | "quarantined" | "damaged";
  code: string | null;
  at: number;
}

/** A photo, already made small, as it is sent; `letter` is the letter (or draft) it belongs to. See sealed_photos.ts. */
export interface Photo {
  /** Of the picture itself, by which its letter names it. */
  sha256: string;
  letter: string;
  type: string;
  bytes: Uint8Array<ArrayBuffer>;
  /** Once it is sealed: of `bytes` as they stand here. */
  sum?: string;
  /** A small picture of it, to show. */
  own?: Own;
  made_at: number;
  /** Why the office could not take it, where a person has to do something. */
  stuck?: string;
  /** Whole at the office; kept until its backups hold it. `mark` is null until a pull has told it. */
  sent?: { epoch: string; mark: number | null };
}

/** Something half written. Its id becomes the letter's id, so that saving it twice is saving it once. */
export interface Draft {
  id: string;
  form: string;
  title: string;
  data: unknown;
  updated_at: number;
}

/** A draft as it lies; see drafts.ts. */
export type DraftRow = Draft | { id: string; form: string; updated_at: number; own: Own };

export interface Fact {
  name: string;
  value: unknown;
}

export class Outbox extends Dexie {
  waiting!: Table<Waiting, string>;
  journal!: Table<Journalled, string>;
  trouble!: Table<Trouble, string>;
  photos!: Table<Photo, string>;
  drafts!: Table<DraftRow, string>;
  facts!: Table<Fact, string>;

  constructor(options: { name?: string; indexedDB?: IDBFactory; IDBKeyRange?: typeof IDBKeyRange } = {}) {
    const { name = "lianhu-outbox", ...engine } = options;
    super(name, { chromeTransactionDurability: "strict", ...engine });
    this.version(1).stores({
      waiting: "id, seq",
      journal: "id, seq, epoch, fresh",
      trouble: "id, at",
      photos: "sha256, letter",
      drafts: "id, updated_at",
      facts: "name",
    });
    // The same tables; rows are sealed (seal.ts). A page of before gives way instead of reading them as open.
    this.version(2).stores({});
    // Drafts and photos too.
    this.version(3).stores({});
  }

  /** A fact kept under a name, or the given default. */
  async fact<T>(name: string, otherwise: T): Promise<T> {
    const found = await this.facts.get(name);
    return found === undefined ? otherwise : (found.value as T);
  }

  async setFact(name: string, value: unknown): Promise<void> {
    await this.facts.put({ name, value });
  }
}
