/**
 * Room for words. When storage is full, what the office already holds goes first, oldest first; then a reserve kept for
 * this very moment; then old sealed copies. So a text is not refused while any of these is left.
 */

import { dropSentPhotos } from "./covered";
import type { Outbox } from "./db";

/** Bytes that mean nothing: room for some hundred letters. */
const BALLAST = 1_048_576;
const PIECE = 65_536; // as many random bytes as may be asked for at once
/** How many of the oldest sealed copies go at once. */
const COPIES = 200;

/** Something that writes could not: nothing is left that could make room. */
export class StorageFull extends Error {}

/** Do something that writes; while storage is full, make room and do it again. Throws StorageFull. */
export async function withRoom<T>(box: Outbox, write: () => Promise<T>): Promise<T> {
  const makers = [dropSentPhotos, dropBallast, dropOldCopies];
  for (;;) {
    try {
      return await write();
    } catch (error) {
      if (!isFull(error)) throw error;
    }
    let freed = 0;
    while (freed === 0 && makers.length) {
      freed = await makers[0]!(box).catch(() => 0);
      if (freed === 0) makers.shift();
    }
    if (freed === 0) throw new StorageFull();
  }
}

/** Is this error "no space left", however the browser wraps it? */
export function isFull(error: unknown): boolean {
  let e = error as { name?: string; inner?: unknown } | null | undefined;
  for (let depth = 0; e && depth < 5; depth++) {
    if (e.name === "QuotaExceededError") return true;
    e = e.inner as typeof e;
  }
  return false;
}

/** Take the reserve, if it is not there and there is room. Random, so that no storage shrinks it. */
export async function keepBallast(box: Outbox): Promise<void> {
  if ((await box.facts.where("name").equals("ballast").count()) > 0) return;
  const bytes = new Uint8Array(BALLAST);
  for (let at = 0; at < BALLAST; at += PIECE) crypto.getRandomValues(bytes.subarray(at, at + PIECE));
  await box.setFact("ballast", bytes);
}

async function dropBallast(box: Outbox): Promise<number> {
  return box.facts.where("name").equals("ballast").delete();
}

/** A letter not yet sent is worth more than the spare copy of an old one the office already holds. */
async function dropOldCopies(box: Outbox): Promise<number> {
  const withPhotos = new Set((await box.photos.toArray()).map((photo) => photo.letter));
  const oldest = await box.journal.orderBy("seq").limit(COPIES).primaryKeys();
  const spare = oldest.filter((id) => !withPhotos.has(id));
  await box.journal.bulkDelete(spare);
  return spare.length;
}
