/**
 * Photos lie sealed to the office, and are sent so: nobody on the phone can open them. For the screens there is a small
 * picture, sealed to the phone's own pair. A photo goes by the hash of the picture itself, however it is sealed.
 */

import type { Table } from "dexie";
import { sha256OfBytes } from "../kernel/sha256";
import { closeDraft } from "./drafts";
import type { Outbox, Photo } from "./db";
import { officeKey, toOffice } from "./pairs";
import type { Seal } from "./seal";

const FORMAT = "lianhu-photo/1";
const named = (sha256: string): string => `photo ${sha256}`;

/** A photo as it is kept: open only where nothing can be sealed. `small`: what its own phone shows of it. */
export async function closePhoto(box: Outbox, seal: Seal, photo: Photo, small: Uint8Array<ArrayBuffer> | null): Promise<Photo> {
  const office = await officeKey(box);
  if (!office) return photo;
  const { head, data } = await toOffice(office, FORMAT, photo.sha256, photo.bytes);
  const line = new TextEncoder().encode(`${JSON.stringify(head)}\n`);
  const bytes = new Uint8Array(line.length + data.length);
  bytes.set(line);
  bytes.set(data, line.length);
  const own = small && (await seal.own(named(photo.sha256), small));
  return { ...photo, type: "application/octet-stream", bytes, sum: await sha256OfBytes(bytes), ...(own ? { own } : {}) };
}

/** What can be shown of a photo, or null while that is not lent. */
export async function picture(seal: Seal, photo: Photo): Promise<Blob | null> {
  if (!photo.sum) return new Blob([photo.bytes], { type: photo.type });
  const small = photo.own ? await seal.reveal(named(photo.sha256), photo.own) : null;
  return small && new Blob([small], { type: "image/jpeg" });
}

/**
 * Drafts and photos that an app of before kept open, or that were written before the office's key was heard. What
 * cannot be sealed now (a full phone) holds up nothing.
 */
export async function sealEarly(box: Outbox, seal: Seal): Promise<void> {
  if (!(await officeKey(box))) return;
  try {
    for (const row of await box.drafts.toArray()) {
      const closed = "own" in row ? row : await closeDraft(seal, row);
      if (closed !== row) await replace(box.drafts, row.id, closed, (now) => !("own" in now) && now.updated_at === row.updated_at);
    }
    for (const hash of await box.photos.filter((photo) => !photo.sum).primaryKeys()) {
      const photo = await box.photos.get(hash);
      if (!photo || (await sha256OfBytes(photo.bytes)) !== hash) continue;
      const closed = await closePhoto(box, seal, photo, photo.sent ? null : photo.bytes);
      if (closed.sum) await replace(box.photos, hash, closed, (now) => !now.sum);
    }
  } catch (error) {
    console.warn("left open", (error as Error)?.name);
  }
}

/** Unless something else has happened to it meanwhile. */
async function replace<T>(table: Table<T, string>, key: string, row: T, still: (now: T) => boolean): Promise<void> {
  await table.db.transaction("rw", table, async () => {
    const now = await table.get(key);
    if (now && still(now)) await table.put(row);
  });
}
