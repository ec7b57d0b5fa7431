/** What the phone keeps until the office's backups hold it, and offers again when the office was restored. */

import { describe, expect, it, vi } from "vitest";
import { KEPT_TO_SHOW } from "../src/outbox/covered";
import { keepPhoto } from "../src/outbox/drafts";
import { sha256OfBytes } from "../src/kernel/sha256";
import { unsentPhotos } from "../src/sync/photos";
import { json, type Office } from "./office";
import { phone, type Phone } from "./phone";

const LETTERS = "/api/phone/letters";
const bytes = new Uint8Array(900).map((_, i) => i % 251);

async function sentMany(p: Phone, number: number): Promise<void> {
  for (let i = 0; i < number; i++) await p.report(`第 ${i} 件`);
  await p.round();
  await p.round();
}

async function withPhoto(p: Phone): Promise<string> {
  const saved = await p.report("有照片");
  const hash = await sha256OfBytes(bytes);
  await p.box.photos.put({ sha256: hash, letter: saved.id, type: "image/jpeg", bytes, made_at: p.clock.now() });
  return hash;
}

/** A restored office: what it got since its backup is gone. */
function restore(office: Office): void {
  office.epoch = "epoch-2";
  office.letters.clear();
  office.media.clear();
  office.order = [];
  office.mark = 1;
  office.covered = 0;
}

describe("sealed copies", () => {
  it("stay until a verified backup has a higher mark, then all but the newest go", async () => {
    const p = await phone();
    await sentMany(p, KEPT_TO_SHOW + 5);
    p.office.covered = 1;
    await p.round();
    expect(await p.box.journal.count()).toBe(KEPT_TO_SHOW + 5);
    p.office.covered = 2;
    await p.round();
    expect(await p.box.journal.count()).toBe(KEPT_TO_SHOW);
    expect((await p.box.journal.orderBy("seq").first())?.seq).toBe(6);
  });

  it("of an answer without a mark stay", async () => {
    const p = await phone();
    p.office.tricks.push((c) => {
      if (c.path !== LETTERS) return null;
      const batch = c.json.letters as { id: string; sha256: string }[];
      return json(200, { epoch: "epoch-1", results: batch.map(({ id, sha256 }) => ({ id, sha256, outcome: "stored" })) });
    });
    await sentMany(p, KEPT_TO_SHOW + 1);
    p.office.covered = 99;
    await p.round();
    expect(await p.box.journal.count()).toBe(KEPT_TO_SHOW + 1);
  });

  it("that an old epoch's backup held are offered to the new one", async () => {
    const p = await phone();
    await sentMany(p, 3);
    restore(p.office);
    p.office.covered = 99;
    await p.round();
    await p.round();
    expect(p.office.order).toHaveLength(3);
    expect((await p.box.journal.toArray()).map((j) => [j.epoch, j.mark])).toEqual(Array(3).fill(["epoch-2", 1]));
  });

  it("answered for just before the restore are offered again, though the phone heard of the new epoch first", async () => {
    const p = await phone();
    await sentMany(p, 1);
    restore(p.office);
    await p.round();
    await p.round();
    // Its answer tells the epoch that was before; a crash keeps the phone from noticing more.
    const late = await p.report("被恢复盖掉的");
    await p.round();
    await p.box.journal.update(late.id, { epoch: "epoch-1", mark: null });
    p.office.letters.delete(late.id);
    await p.round();
    await p.round();
    expect(p.office.letters.has(late.id)).toBe(true);
    expect((await p.box.journal.get(late.id))?.epoch).toBe("epoch-2");
  });
});

describe("photos", () => {
  it("stay after sending until a backup holds them", async () => {
    const p = await phone();
    const hash = await withPhoto(p);
    await p.round();
    expect([await unsentPhotos(p.box), await p.box.photos.count()]).toEqual([0, 1]);
    p.office.mark = 2;
    p.office.covered = 2;
    await p.round();
    // The pull that follows the sending tells the photo's mark: 2, which no backup covers yet.
    expect((await p.box.photos.get(hash))?.sent).toEqual({ epoch: "epoch-1", mark: 2 });
    p.office.covered = 3;
    await p.round();
    expect(await p.box.photos.count()).toBe(0);
  });

  it("are sent to a restored office again, and their letter's copy waits for them", async () => {
    const p = await phone();
    const hash = await withPhoto(p);
    await p.round();
    restore(p.office);
    for (let n = 0; n < 4; n++) await p.round();
    expect(Buffer.from(p.office.media.get(hash)!.bytes).equals(bytes)).toBe(true);
    expect((await p.box.photos.get(hash))?.sent?.epoch).toBe("epoch-2");
  });

  it("already sent make room for a new one", async () => {
    const p = await phone();
    await withPhoto(p);
    await p.round();
    const full = Object.assign(new Error("full"), { name: "QuotaExceededError" });
    vi.spyOn(p.box.photos, "put").mockRejectedValueOnce(full);
    const fresh = { sha256: "a".repeat(64), letter: "d", type: "image/jpeg", bytes, made_at: 1 };
    expect(await keepPhoto(p.box, fresh)).toBe(true);
    expect(await p.box.photos.toCollection().primaryKeys()).toEqual(["a".repeat(64)]);
  });

  it("already sent make room for a letter before any copy goes", async () => {
    const p = await phone();
    await withPhoto(p);
    await p.round();
    const full = Object.assign(new Error("full"), { name: "QuotaExceededError" });
    vi.spyOn(p.box.waiting, "add").mockRejectedValueOnce(full);
    await p.report("新");
    expect([await p.box.photos.count(), await p.box.journal.count()]).toEqual([0, 1]);
  });
});
