/** What happens to a letter once the office has answered for it. */

import { touchesOf } from "../letters";
import type { Clock } from "../kernel/time";
import type { Journalled, Outbox, Outcome, Trouble, Waiting } from "./db";
import { withRoom } from "./room";
import type { Seal } from "./seal";

export interface LetterResult {
  id: string;
  sha256: string;
  outcome: string;
  code?: string | null;
  ref?: string | null;
}

const FINAL = ["stored", "held", "quarantined"];

/**
 * Move every letter of the batch that the office answered for by its own id *and* hash out of the outbox, into
 * the sealed journal, and lay a card for those a person must look at. Gives the ids that stay queued.
 */
export async function settle(
  box: Outbox, seal: Seal, batch: Waiting[], results: LetterResult[], epoch: string, clock: Clock,
  mark: number | null = null,
): Promise<string[]> {
  const mine = new Map(batch.map((letter) => [letter.id, letter]));
  const done: { letter: Waiting; copy: Journalled }[] = [];
  for (const result of results) {
    const letter = mine.get(result?.id);
    if (!letter || result.sha256 !== letter.sha256 || !FINAL.includes(result.outcome)) continue;
    mine.delete(letter.id);
    done.push({ letter, copy: {
      id: letter.id, seq: letter.seq, kind: letter.kind, sha256: letter.sha256,
      sealed: await seal.close(letter.text), media: letter.media,
      outcome: result.outcome as Outcome, code: result.code ?? null, ref: result.ref ?? null,
      epoch, mark, saved_at: letter.saved_at, settled_at: clock.now(), fresh: 1, touches: touchesOf(letter.text),
    } });
  }
  await withRoom(box, () => box.transaction("rw", [box.waiting, box.journal, box.trouble], async () => {
    for (const { letter, copy } of done) {
      const earlier = await box.journal.get(letter.id);
      if (copy.outcome !== "stored" && earlier?.outcome !== copy.outcome) {
        await box.trouble.put(troubleOf(letter, copy.outcome, copy.code, clock));
      }
      await box.journal.put(copy);
      await box.waiting.delete(letter.id);
    }
  }));
  return [...mine.keys()];
}

/** A letter whose bytes were spoilt in storage is shown to its writer instead of being sent for ever. */
export async function setAside(box: Outbox, letter: Waiting, clock: Clock): Promise<void> {
  await box.transaction("rw", [box.waiting, box.trouble], async () => {
    await box.trouble.put(troubleOf(letter, "damaged", "damaged_on_phone", clock));
    await box.waiting.delete(letter.id);
  });
}

/**
 * The office speaks of a new epoch (it was restored from a backup): everything it answered for under an older one is
 * queued again, in its old order. Asking twice does no harm: the office gives the first answer again.
 */
export async function turnEpoch(box: Outbox, seal: Seal, epoch: string): Promise<number> {
  const known = await box.fact<string | null>("epoch", null);
  // Not only when the epoch turns: an answer from before may be settled after, and a crash may come between.
  const queued = new Set(await box.waiting.toCollection().primaryKeys());
  const older = (await box.journal.where("epoch").notEqual(epoch).toArray()).filter((copy) => !queued.has(copy.id));
  if (known === epoch && older.length === 0) return 0;
  const again: Waiting[] = [];
  for (const copy of older) {
    const text = await seal.open(copy.sealed);
    if (text === null) continue;
    again.push({
      id: copy.id, seq: copy.seq, kind: copy.kind, sha256: copy.sha256, text, media: copy.media, saved_at: copy.saved_at,
    });
  }
  await box.transaction("rw", [box.waiting, box.facts, box.photos], async () => {
    await box.waiting.bulkPut(again);
    await box.photos.toCollection().modify((photo) => {
      if (photo.sent && photo.sent.epoch !== epoch) delete photo.sent;
    });
    await box.facts.put({ name: "epoch", value: epoch });
  });
  return again.length;
}

/** A pull has followed: what was settled before it is now in the parcels themselves. */
export async function seenByPull(box: Outbox, ids: string[]): Promise<void> {
  await box.journal.where("id").anyOf(ids).modify({ fresh: 0 });
}

function troubleOf(letter: Waiting, outcome: Trouble["outcome"], code: string | null, clock: Clock): Trouble {
  return { id: letter.id, kind: letter.kind, text: letter.text, outcome, code, at: clock.now() };
}
