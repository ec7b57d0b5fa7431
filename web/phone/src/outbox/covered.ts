/**
 * What verified backups of the office hold need not be kept here any longer.
 *
 * The office counts its backups. A letter's answer, or the first pull after a photo, tells the count (`mark`) read
 * after that was safely stored; a later pull tells below which mark enough proven backups hold everything
 * (`covered`). No clock is involved. Until then the sealed copies and the photos stay, to be offered again should the
 * office have to be restored.
 */

import type { Outbox } from "./db";

/** So many of the newest copies stay in any case: the page of what was sent shows them. */
export const KEPT_TO_SHOW = 30;

/** The office told of its backups: delete what they hold. Gives how many copies and photos went. */
export async function letGo(box: Outbox, epoch: string, covered: number): Promise<number> {
  const isHeld = (kept: { epoch: string; mark?: number | null } | undefined): boolean =>
    kept !== undefined && kept.epoch === epoch && typeof kept.mark === "number" && kept.mark < covered;
  const photos = await box.photos.toArray();
  const spare = photos.filter((photo) => isHeld(photo.sent)).map((photo) => photo.sha256);
  const gone = new Set(spare);
  // A letter's photos are sent in its name: while one is here, its copy stays.
  const withPhotos = new Set(photos.filter((photo) => !gone.has(photo.sha256)).map((photo) => photo.letter));
  const newest = new Set(await box.journal.orderBy("seq").reverse().limit(KEPT_TO_SHOW).primaryKeys());
  const copies: string[] = [];
  await box.journal.where("epoch").equals(epoch).each((copy) => {
    if (isHeld(copy) && copy.fresh === 0 && !newest.has(copy.id) && !withPhotos.has(copy.id)) copies.push(copy.id);
  });
  await box.transaction("rw", [box.journal, box.photos], async () => {
    await box.photos.bulkDelete(spare);
    await box.journal.bulkDelete(copies);
  });
  return spare.length + copies.length;
}

/** Photos that were whole at the office before a pull began: the pull's mark is theirs. */
export async function markPhotos(box: Outbox, sentBefore: string[], epoch: string, mark: number): Promise<void> {
  await box.photos.where("sha256").anyOf(sentBefore).modify((photo) => {
    if (photo.sent?.epoch === epoch && photo.sent.mark === null) photo.sent.mark = mark;
  });
}

/** Which sent photos have no mark yet. */
export async function unmarkedPhotos(box: Outbox): Promise<string[]> {
  return (await box.photos.toArray()).filter((photo) => photo.sent?.mark === null).map((photo) => photo.sha256);
}

/** So much room is made at once. */
const AT_ONCE = 4 * 1024 * 1024;

/** Room is short: the oldest photos the office has answered for go first. Gives how many. */
export async function dropSentPhotos(box: Outbox): Promise<number> {
  const sent = (await box.photos.toArray()).filter((photo) => photo.sent).sort((a, b) => a.made_at - b.made_at);
  const gone: string[] = [];
  let bytes = 0;
  for (const photo of sent) {
    if (bytes >= AT_ONCE) break;
    gone.push(photo.sha256);
    bytes += photo.bytes.byteLength;
  }
  await box.photos.bulkDelete(gone);
  return gone.length;
}
