/** Drafts and photos that wait lie sealed, come back after every lease, and photos arrive. */

import { describe, expect, it, vi } from "vitest";
import { sha256OfBytes } from "../src/kernel/sha256";
import { DraftKeeper, readDraft, readDrafts } from "../src/outbox/drafts";
import type { DraftRow, Photo } from "../src/outbox/db";
import { closePhoto, picture, sealEarly } from "../src/outbox/sealed_photos";
import { rescueFile } from "../src/outbox/rescue";
import { enrol, signOff } from "../src/sync/enrol";
import { unsentPhotos } from "../src/sync/photos";
import { problem, type Office } from "./office";
import { phone, type Phone } from "./phone";

const HOUR = 3_600_000;
const WORDS = "写到一半的屋里事";
const BYTES = Uint8Array.from({ length: 300 * 1024 }, (_, i) => (i * i + (i >> 7)) % 251);
const SMALL = Uint8Array.from({ length: 900 }, (_, i) => (i * 7) % 253);

/** Everything in the outbox's tables, as text. */
async function everything(p: Phone): Promise<string> {
  const rows = await Promise.all(p.box.tables.map((table) => table.toArray()));
  return JSON.stringify(rows, (_, value: unknown) => (value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : value));
}

const latin = (bytes: Uint8Array): string => JSON.stringify(Buffer.from(bytes.subarray(100, 160)).toString("latin1")).slice(1, -1);

const keep = (p: Phone, words = WORDS, id = "d"): Promise<void> =>
  new DraftKeeper(p.box, p.seal, p.clock).keep({ id, form: "report", title: words, data: { words } });

async function said(p: Phone, id = "d"): Promise<unknown> {
  const row = await p.box.drafts.get(id);
  return row && ((await readDraft(p.seal, row))?.data ?? "closed");
}

async function take(p: Phone, letter: string): Promise<string> {
  const sha256 = await sha256OfBytes(BYTES);
  const photo = { sha256, letter, type: "image/jpeg", bytes: BYTES, made_at: p.clock.now() };
  await p.box.photos.put(await closePhoto(p.box, p.seal, photo, SMALL));
  return sha256;
}

/** The same phone started again. */
const again = (p: Phone, office: Office = p.office): Promise<Phone> => phone(office, p.box.name.replace("-outbox", ""));

async function lapse(p: Phone): Promise<void> {
  p.online = false;
  p.clock.pass(80 * HOUR);
  await p.round();
  p.online = true;
}

describe("a draft", () => {
  it("is never open in the tables, and reads while the copy is lent", async () => {
    const p = await phone();
    await keep(p);
    expect([await said(p), (await everything(p)).includes(WORDS)]).toEqual([{ words: WORDS }, false]);
    expect(await said(await again(p))).toEqual({ words: WORDS });
  });

  it("cannot be read after the lease, and can once a copy is lent again; the office never sees it", async () => {
    const p = await phone();
    await keep(p);
    await lapse(p);
    expect([await said(p), await readDrafts(p.seal, await p.box.drafts.toArray())]).toEqual(["closed", { open: [], closed: ["d"] }]);
    await p.round();
    expect(await said(p)).toEqual({ words: WORDS });
    expect(JSON.stringify(p.office.calls.map((call) => call.json))).not.toContain(WORDS);
  });

  it("written after the lease is sealed too, and comes back", async () => {
    const p = await phone();
    await lapse(p);
    await keep(p);
    expect([await said(p), (await everything(p)).includes(WORDS)]).toEqual(["closed", false]);
    await p.round();
    expect(await said(p)).toEqual({ words: WORDS });
  });

  it("comes back through many leases, and when the answer was lost on the way", async () => {
    const p = await phone();
    await keep(p);
    for (let n = 0; n < 3; n++) {
      await lapse(p);
      p.office.tricks.push((c) => (c.path === "/api/phone/half" ? "drop-answer" : null));
      await p.round();
      expect(await said(p)).toBe("closed");
      p.office.tricks.length = 0;
      await p.round();
      expect(await said(p)).toEqual({ words: WORDS });
    }
    expect(p.office.count("/api/phone/half")).toBe(6);
  });

  it("comes back after the device was ended and the same person is in again", async () => {
    const p = await phone();
    await keep(p);
    p.office.credential = "other";
    await p.round();
    expect([p.sync.state.last, await said(p)]).toEqual(["refused", "closed"]);
    expect(await enrol(p.box, p.api, "t", "红米")).toBeNull();
    await p.round();
    expect(await said(p)).toEqual({ words: WORDS });
  });

  it("comes back after the digits were forgotten", async () => {
    const p = await phone();
    await p.parcels.lease.setPin("281905");
    await keep(p);
    // As PinPage does after the tenth wrong one.
    await p.box.setFact("refused", true);
    await p.parcels.wipe();
    await p.parcels.lease.forgetPin();
    expect(await said(p)).toBe("closed");
    expect(await enrol(p.box, p.api, "t", "红米")).toBeNull();
    await p.round();
    expect(await said(p)).toEqual({ words: WORDS });
  });

  it("comes back when the copy's own storage had to be thrown away", async () => {
    const p = await phone();
    await keep(p);
    await p.parcels.delete();
    await p.parcels.lease.delete();
    const q = await again(p);
    expect(await said(q)).toBe("closed");
    await q.round();
    expect(await said(q)).toEqual({ words: WORDS });
  });

  it("written before the digits were given reads with them", async () => {
    const p = await phone();
    await p.parcels.lease.setPin("281905");
    const q = await again(p);
    await keep(q);
    expect([await said(q), (await everything(q)).includes(WORDS)]).toEqual(["closed", false]);
    await q.parcels.lease.unlock("281905", async () => undefined);
    expect(await said(q)).toEqual({ words: WORDS });
  });

  it("is its writer's: who is in next cannot read it, writes her own, and it is there when its writer is in again", async () => {
    const p = await phone();
    await keep(p);
    await lapse(p);
    const first = p.office.rescue;
    p.office.rescue = { ...first, writer: "w-2" };
    expect(await enrol(p.box, p.api, "t", "红米")).toBeNull();
    await p.round();
    await keep(p, "后来的人写的", "e");
    expect([await said(p), await said(p, "e")]).toEqual(["closed", { words: "后来的人写的" }]);
    expect((await everything(p)).includes("后来的人写的")).toBe(false);
    await lapse(p);
    p.office.rescue = first;
    expect(await enrol(p.box, p.api, "t", "红米")).toBeNull();
    await p.round();
    expect([await said(p), await said(p, "e")]).toEqual([{ words: WORDS }, "closed"]);
  });

  it("lives on when the county's key changes, and when it forgets the one of before", async () => {
    const p = await phone();
    await keep(p);
    p.office.rescue = { ...p.office.rescue, version: 2 };
    const q = await again(p);
    await q.round();
    await lapse(q);
    await q.round();
    expect(await said(q)).toEqual({ words: WORDS });
  });

  it("is sealed to another pair once the office cannot give this one back", async () => {
    const p = await phone();
    await keep(p);
    await lapse(p);
    p.office.rescue = { ...p.office.rescue, version: 2 };
    const q = await again(p);
    for (let n = 0; n < 3; n++) await q.round();
    expect(q.office.count("/api/phone/half")).toBe(1);
    await keep(q, "后来写的", "e");
    await lapse(q);
    await q.round();
    expect([await said(q), await said(q, "e")]).toEqual(["closed", { words: "后来写的" }]);
    // The county put the old key back.
    p.office.rescue = { ...p.office.rescue, version: 1 };
    const r = await again(q);
    await r.round();
    expect(await said(r)).toEqual({ words: WORDS });
  });

  it("of before the office's key was heard is kept open, and sealed once it is", async () => {
    const p = await phone();
    await p.box.facts.bulkDelete(["rescue_key", "pairs"]);
    await keep(p);
    expect((await everything(p)).includes(WORDS)).toBe(true);
    await p.round();
    expect([await said(p), (await everything(p)).includes(WORDS)]).toEqual([{ words: WORDS }, false]);
  });

  it("is kept open where there is no cryptography, and goes on being typed", async () => {
    const p = await phone();
    vi.stubGlobal("crypto", { getRandomValues: crypto.getRandomValues.bind(crypto) });
    try {
      await keep(p);
      expect(await said(p)).toEqual({ words: WORDS });
    } finally {
      vi.unstubAllGlobals();
    }
  });

  it("that was moved to another id does not open", async () => {
    const p = await phone();
    await keep(p);
    const row = (await p.box.drafts.get("d"))! as DraftRow & { own: unknown };
    expect(await readDraft(p.seal, { ...row, id: "other" })).toBeNull();
  });

  it("and the key to it are gone when the phone changes hands", async () => {
    const p = await phone();
    await keep(p);
    expect(await signOff(p.box, () => p.parcels.dropAll())).toBe(true);
    expect([await p.box.drafts.count(), await p.box.facts.get("pairs")]).toEqual([0, undefined]);
  });
});

describe("a phone that was enrolled anew", () => {
  it("hears the office's key again without being started again, and seals what it kept open meanwhile", async () => {
    const p = await phone();
    await p.round();
    expect(await enrol(p.box, p.api, "t", "红米")).toBeNull();
    await keep(p);
    expect((await everything(p)).includes(WORDS)).toBe(true);
    await p.round();
    expect([await said(p), (await everything(p)).includes(WORDS)]).toEqual([{ words: WORDS }, false]);
  });

  it("sends its letters when there is no room for a pair", async () => {
    const p = await phone();
    await p.report();
    await p.box.facts.delete("pairs");
    const put = p.box.facts.put.bind(p.box.facts);
    vi.spyOn(p.box.facts, "put").mockImplementation(((row: { name: string }) => (
      row.name === "pairs" ? Promise.reject(Object.assign(new Error("full"), { name: "QuotaExceededError" })) : put(row as never)
    )) as never);
    await p.round();
    expect([p.office.letters.size, p.sync.state.last]).toEqual([1, "done"]);
  });
});

describe("a photo that waits", () => {
  it("is never open in the tables; a small picture shows while the copy is lent, and again with the next", async () => {
    const p = await phone();
    const sha256 = await take(p, "d");
    const seen = async (): Promise<number | null> => (await picture(p.seal, (await p.box.photos.get(sha256))!))?.size ?? null;
    const all = await everything(p);
    expect([await seen(), all.includes(latin(BYTES)), all.includes(latin(SMALL))]).toEqual([SMALL.length, false, false]);
    await lapse(p);
    expect(await seen()).toBeNull();
    await p.round();
    expect(await seen()).toBe(SMALL.length);
  });

  it("arrives as it was taken, also after the lease, and is in the file for the village", async () => {
    const p = await phone();
    p.office.tricks.push((c) => (c.path.includes("media") ? problem(500, "crash") : null));
    const saved = await p.report();
    const sha256 = await take(p, saved.id);
    await p.round();
    await lapse(p);
    expect(await rescueFile(p.box)).toContain("lianhu-rescue/1");
    p.office.tricks.length = 0;
    await p.round();
    expect([await unsentPhotos(p.box), Buffer.from(p.office.media.get(sha256)!.bytes).equals(BYTES)]).toEqual([0, true]);
  });

  it("spoilt in storage is not sent as if it were whole", async () => {
    const p = await phone();
    const sha256 = await take(p, (await p.report()).id);
    await p.box.photos.where("sha256").equals(sha256).modify((photo) => { photo.bytes[5000]! ^= 1; });
    await p.round();
    expect([p.office.media.size, await unsentPhotos(p.box)]).toEqual([0, 1]);
  });

  it.each([["media.of_another", { writer: "w-2" }], ["media.key_gone", { version: 2 }]])("left with the phone (%s) says so, is not sent over and over, and goes once it can", async (code, change) => {
    const p = await phone();
    p.office.tricks.push((c) => (c.path.includes("media") ? problem(500, "crash") : null));
    const sha256 = await take(p, (await p.report()).id);
    await p.round();
    p.office.tricks.length = 0;
    const first = p.office.rescue;
    p.office.rescue = { ...first, ...change };
    for (let n = 0; n < 3; n++) await p.round();
    const sent = (): number => p.office.calls.filter((c) => c.method === "PUT" && c.headers.get("Content-Range")?.startsWith("bytes 0-")).length;
    const before = sent();
    expect((await p.box.photos.get(sha256))!.stuck).toBe(code);
    await p.round();
    expect(sent()).toBe(before);
    p.office.rescue = first;
    await (await again(p)).round();
    expect(Buffer.from(p.office.media.get(sha256)!.bytes).equals(BYTES)).toBe(true);
  });

  it("was begun open by an app of before: sealed now, it arrives whole", async () => {
    const p = await phone();
    const saved = await p.report();
    const sha256 = await sha256OfBytes(BYTES);
    p.office.media.set(sha256, { total: BYTES.length, bytes: BYTES.slice(0, 256 * 1024) });
    await p.box.photos.put({ sha256, letter: saved.id, type: "image/jpeg", bytes: BYTES, made_at: 1 });
    for (let n = 0; n < 3; n++) await p.round();
    expect([await unsentPhotos(p.box), Buffer.from(p.office.media.get(sha256)!.bytes).equals(BYTES)]).toEqual([0, true]);
  });
});

describe("what an app of before kept open", () => {
  async function early(p: Phone): Promise<Photo> {
    const photo = { sha256: await sha256OfBytes(BYTES), letter: "d", type: "image/jpeg", bytes: BYTES, made_at: 1 };
    await p.box.photos.put(photo);
    await p.box.drafts.put({ id: "d", form: "report", title: WORDS, data: { words: WORDS }, updated_at: 1 });
    return photo;
  }

  it("is sealed at the first round, without signal too, and can be shown", async () => {
    const p = await phone();
    const photo = await early(p);
    p.online = false;
    await p.round();
    const all = await everything(p);
    expect([all.includes(WORDS), all.includes(latin(BYTES)), await said(p)]).toEqual([false, false, { words: WORDS }]);
    expect((await picture(p.seal, (await p.box.photos.get(photo.sha256))!))?.size).toBe(BYTES.length);
  });

  it("holds up nothing when there is no room to seal it, and stays", async () => {
    const p = await phone();
    await early(p);
    await p.report();
    const full = Object.assign(new Error("full"), { name: "QuotaExceededError" });
    vi.spyOn(p.box.drafts, "put").mockRejectedValue(full);
    vi.spyOn(p.box.photos, "put").mockRejectedValue(full);
    await p.round();
    expect([p.office.letters.size, await said(p), await p.box.photos.count()]).toEqual([1, { words: WORDS }, 1]);
  });

  it("and was written on meanwhile is not put back", async () => {
    const p = await phone();
    await early(p);
    const get = p.box.drafts.get.bind(p.box.drafts);
    let late = true;
    vi.spyOn(p.box.drafts, "get").mockImplementation((async (id: string) => {
      if (late) {
        late = false;
        await p.box.drafts.put({ id, form: "report", title: "", data: { words: "更新的" }, updated_at: 2 });
      }
      return get(id);
    }) as never);
    await sealEarly(p.box, p.seal);
    vi.restoreAllMocks();
    expect(await said(p)).toEqual({ words: "更新的" });
  });

  it("to show letters: the pair of that app opens them still, and comes back from now on", async () => {
    const p = await phone();
    const saved = await p.report(WORDS);
    const [pair] = await p.box.fact<{ id: string; spki: string; sealed: object }[]>("pairs", []);
    // As it lay: beside the lease, under the lease's name, with nothing at the office.
    const held = (await p.parcels.lease.held())!;
    await p.parcels.lease.facts.put({ name: "pair", value: { spki: pair!.spki, sealed: pair!.sealed } });
    await p.box.facts.delete("pairs");
    await p.box.waiting.where("id").equals(saved.id).modify((row) => { row.own!.key = held.id; });
    const q = await again(p);
    q.online = false;
    await q.round();
    expect((await q.seal.shown(await q.box.waiting.toArray()))[0]!.said).toContain(WORDS);
    await lapse(q);
    q.office.tricks.push((c) => (c.path === "/api/phone/letters" ? problem(500, "crash") : null));
    await q.round();
    expect((await q.seal.shown(await q.box.waiting.toArray()))[0]!.said).toContain(WORDS);
  });
});
