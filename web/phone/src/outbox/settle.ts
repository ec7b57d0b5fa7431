/** What happens to a letter once the office has answered for it. */

import type { Clock } from "../kernel/time";
import type { Journalled, Outbox, Outcome, Trouble, Waiting } from "./db";
import { withRoom } from "./room";
import { isSealed, type Seal } from "./seal";

export interface LetterResult {
  id: string;
  sha256: string;
  outcome: string;
  code?: string | null;
  ref?: string | null;
}

const FINAL = ["stored", "held", "quarantined"];

/** What stays the same of a letter, waiting or answered for. */
function asSent({ id, seq, kind, sha256, text, own, media, saved_at }: Waiting | Journalled): Waiting {
  return { id, seq, kind, sha256, text, ...(own ? { own } : {}), media, saved_at };
}

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
    const ref = result.ref ?? null;
    const words = await seal.show(letter);
    done.push({ letter, copy: {
      ...asSent(letter), outcome: result.outcome as Outcome, code: result.code ?? null,
      epoch, mark, settled_at: clock.now(), fresh: 1,
      ...(isSealed(letter.text) ? words && (await seal.keep(letter.id, { text: words.text, ref })) : { ref }),
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
export async function turnEpoch(box: Outbox, epoch: string): Promise<number> {
  const known = await box.fact<string | null>("epoch", null);
  // Not only when the epoch turns: an answer from before may be settled after, and a crash may come between.
  const queued = new Set(await box.waiting.toCollection().primaryKeys());
  const older = (await box.journal.where("epoch").notEqual(epoch).toArray()).filter((copy) => !queued.has(copy.id));
  if (known === epoch && older.length === 0) return 0;
  // Those that an app of before sealed follow once they are sealed as they are now.
  const again = older.filter((copy) => copy.text !== undefined).map(asSent);
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
  const { id, kind, text, own } = letter;
  return { id, kind, text, ...(own ? { own } : {}), outcome, code, at: clock.now() };
}
