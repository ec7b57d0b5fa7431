/**
 * Drafts: whatever is typed is on the phone at once; a call coming in, a flat battery loses nothing.
 *
 * From the first sign on they lie sealed to the phone's own pair (pairs.ts), which comes back after a lease: the office
 * gives its key back and never sees a draft.
 */

import type { Clock } from "../kernel/time";
import { dropSentPhotos } from "./covered";
import type { Draft, DraftRow, Outbox, Photo } from "./db";
import { isFull, withRoom } from "./room";
import type { Seal } from "./seal";

const named = (id: string): string => `draft ${id}`;

/** A draft as it is written down: open only where nothing can be sealed. */
export async function closeDraft(seal: Seal, draft: Draft): Promise<DraftRow> {
  const { id, form, title, data, updated_at } = draft;
  const words = new TextEncoder().encode(JSON.stringify({ title, data }));
  const own = await seal.own(named(id), words).catch(() => null);
  return own ? { id, form, updated_at, own } : draft;
}

/** What a draft says, or null while that is not lent. */
export async function readDraft(seal: Seal, row: DraftRow): Promise<Draft | null> {
  if (!("own" in row)) return row;
  const { own, ...plain } = row;
  const bytes = await seal.reveal(named(row.id), own);
  return bytes && { ...plain, ...(JSON.parse(new TextDecoder().decode(bytes)) as { title: string; data: unknown }) };
}

/** Those that can be read, and which cannot now. */
export async function readDrafts(seal: Seal, rows: DraftRow[]): Promise<{ open: Draft[]; closed: string[] }> {
  const read = await Promise.all(rows.map((row) => readDraft(seal, row)));
  return { open: read.filter((draft) => draft !== null), closed: rows.filter((_, i) => read[i] === null).map((row) => row.id) };
}

/** Writes a draft as it changes: never two writes at once, the newest always last. */
export class DraftKeeper {
  private next: Draft | null = null;
  private writing: Promise<void> | null = null;
  /** Null, or why the last write failed. */
  failed: unknown = null;

  constructor(private readonly box: Outbox, private readonly seal: Seal, private readonly clock: Clock) {}

  /** Keep this state of the draft. Resolves when it, or a newer one, is stored. */
  keep(draft: Omit<Draft, "updated_at">): Promise<void> {
    const plain = JSON.parse(JSON.stringify(draft.data)) as unknown;
    this.next = { ...draft, data: plain, updated_at: this.clock.now() };
    this.writing ??= this.drain().finally(() => { this.writing = null; });
    return this.writing;
  }

  /** Resolves when nothing is left to write. */
  async settled(): Promise<void> {
    while (this.writing) await this.writing;
  }

  private async drain(): Promise<void> {
    while (this.next) {
      const now = this.next;
      this.next = null;
      try {
        const row = await closeDraft(this.seal, now);
        await withRoom(this.box, () => this.box.drafts.put(row));
        this.failed = null;
      } catch (error) {
        this.failed = error;
      }
    }
  }
}

/** Drafts, newest first. One that has already become a letter is swept away. */
export async function openDrafts(box: Outbox): Promise<DraftRow[]> {
  const drafts = await box.drafts.orderBy("updated_at").reverse().toArray();
  const open: DraftRow[] = [];
  for (const draft of drafts) {
    if ((await box.waiting.get(draft.id)) || (await box.journal.get(draft.id))) await box.drafts.delete(draft.id);
    else open.push(draft);
  }
  return open;
}

/** Throw a draft away, with its photos. */
export async function dropDraft(box: Outbox, id: string): Promise<void> {
  await box.transaction("rw", [box.drafts, box.photos], async () => {
    await box.drafts.delete(id);
    await box.photos.where("letter").equals(id).delete();
  });
}

/** A photo that belongs to nothing any more is left over from a crash; after a day it goes. */
export async function sweepPhotos(box: Outbox, now: number): Promise<void> {
  for (const photo of await box.photos.toArray()) {
    if (now - photo.made_at < 86_400_000) continue;
    const owners = [box.drafts, box.waiting, box.journal, box.trouble];
    const found = await Promise.all(owners.map((table) => table.where("id").equals(photo.letter).count()));
    if (found.every((n) => n === 0)) await box.photos.delete(photo.sha256);
  }
}

/** Keep a photo for a draft. False when the phone is full: the words stay, the photo does not. */
export async function keepPhoto(box: Outbox, photo: Photo): Promise<boolean> {
  try {
    await box.photos.put(photo).catch(async (error: unknown) => {
      if (!isFull(error) || (await dropSentPhotos(box)) === 0) throw error;
      await box.photos.put(photo);
    });
    const back = await box.photos.get(photo.sha256);
    return back?.bytes.byteLength === photo.bytes.byteLength;
  } catch (error) {
    if (isFull(error)) return false;
    throw error;
  }
}
