/** The outbox: saved means read back; gone means answered for; nothing typed is lost. */

import { describe, expect, it, vi } from "vitest";
import { uuid7 } from "../src/kernel/uuid7";
import type { Draft, Photo } from "../src/outbox/db";
import { DraftKeeper, dropDraft, keepPhoto, openDrafts, readDraft, sweepPhotos } from "../src/outbox/drafts";
import { keepBallast } from "../src/outbox/room";
import { NotSaved, saveLetter } from "../src/outbox/save";
import { settle } from "../src/outbox/settle";
import { signOff } from "../src/sync/enrol";
import { sha256 } from "../src/kernel/sha256";
import { opened } from "./office";
import { GRID, phone, type Phone } from "./phone";

const draft = async (p: Phone, id: string): Promise<Draft | null> => readDraft(p.seal, (await p.box.drafts.get(id))!);
const quota = (): Error => Object.assign(new Error("full"), { name: "QuotaExceededError" });

describe("saving", () => {
  it("numbers letters without gaps and keeps the exact text", async () => {
    const p = await phone();
    const first = await p.report("一");
    const second = await p.report("二");
    expect([first.seq, second.seq]).toEqual([1, 2]);
    const row = (await p.box.waiting.get(second.id))!;
    expect(JSON.parse(opened(row.text, row.id)!)).toMatchObject({ device_seq: 2, place: GRID, body: { words: "二" } });
    expect([row.sha256, sha256(opened(row.text, row.id)!)]).toEqual([second.sha256, second.said]);
  });

  it("says saved only after the bytes were read back", async () => {
    const p = await phone();
    const get = vi.spyOn(p.box.waiting, "get");
    const add = vi.spyOn(p.box.waiting, "add");
    await p.report();
    const lastRead = get.mock.invocationCallOrder.at(-1)!;
    expect(lastRead).toBeGreaterThan(add.mock.invocationCallOrder[0]!);
  });

  it("does not say saved when what is read back differs", async () => {
    const p = await phone();
    const id = uuid7();
    await p.box.drafts.put({ id, form: "report", title: "", data: { words: "桥" }, updated_at: 1 });
    const real = p.box.waiting.get.bind(p.box.waiting);
    vi.spyOn(p.box.waiting, "get").mockImplementation((async (key: string) => {
      const row = await real(key);
      return row && { ...row, text: row.text.replace(/data":"./, 'data":"~') };
    }) as never);
    await expect(p.report("桥", id)).rejects.toMatchObject({ code: "unreadable" });
    expect(await p.box.drafts.get(id)).toBeDefined();
  });

  it("saves the same id once, however often the button is pressed", async () => {
    const p = await phone();
    const id = uuid7();
    const [a, b] = await Promise.all([p.report("一", id), p.report("一", id)]);
    expect(a).toEqual(b);
    expect(await p.box.waiting.count()).toBe(1);
    expect(await p.box.fact("seq", 0)).toBe(1);
  });

  it("refuses a body that would be quarantined, and keeps the draft", async () => {
    const p = await phone();
    await expect(p.report("   ")).rejects.toBeInstanceOf(NotSaved);
    expect(await p.box.fact("seq", 0)).toBe(0);
  });

  it("makes room for a letter from old sealed copies when storage is full", async () => {
    const p = await phone();
    await p.report("旧");
    await p.round();
    expect(await p.box.journal.count()).toBe(1);
    const add = vi.spyOn(p.box.waiting, "add").mockRejectedValueOnce(quota());
    await p.report("新");
    expect(add).toHaveBeenCalledTimes(2);
    expect(await p.box.waiting.count()).toBe(1);
    expect(await p.box.journal.count()).toBe(0);
  });

  it("gives up the oldest sent photos first, then the reserve, and no photo that was not sent", async () => {
    const p = await phone();
    await keepBallast(p.box);
    const photo = (made_at: number, sent: boolean): Photo => ({
      sha256: String(made_at).repeat(64).slice(0, 64), letter: uuid7(), type: "image/jpeg", bytes: new Uint8Array(3_000_000), made_at,
      ...(sent ? { sent: { epoch: "e", mark: null } } : {}),
    });
    await p.box.photos.bulkPut([photo(1, false), photo(2, true), photo(3, true), photo(4, true)]);
    const left = async (): Promise<number[]> => (await p.box.photos.orderBy("letter").toArray()).map((one) => one.made_at).sort();
    const add = vi.spyOn(p.box.waiting, "add").mockRejectedValueOnce(quota());
    await p.report("一");
    expect(await left()).toEqual([1, 4]);
    add.mockRejectedValueOnce(quota()).mockRejectedValueOnce(quota());
    await p.report("二");
    expect(await left()).toEqual([1]);
    expect(await p.box.facts.get("ballast")).toBeUndefined();
    expect(await p.box.waiting.count()).toBe(2);
  });

  it("keeps what is typed when storage is full, from the reserve", async () => {
    const p = await phone();
    await keepBallast(p.box);
    const keeper = new DraftKeeper(p.box, p.seal, p.clock);
    vi.spyOn(p.box.drafts, "put").mockRejectedValueOnce(quota());
    await keeper.keep({ id: "d", form: "report", title: "", data: { words: "桥" } });
    expect([keeper.failed, await p.box.facts.get("ballast")]).toEqual([null, undefined]);
    expect((await draft(p, "d"))?.data).toEqual({ words: "桥" });
  });

  it("leaves the text in the draft when storage stays full", async () => {
    const p = await phone();
    const id = uuid7();
    await p.box.drafts.put({ id, form: "report", title: "", data: { words: "桥" }, updated_at: 1 });
    vi.spyOn(p.box.waiting, "add").mockRejectedValue(quota());
    await expect(p.report("桥", id)).rejects.toMatchObject({ code: "full" });
    expect((await draft(p, id))?.data).toEqual({ words: "桥" });
    expect(await p.box.fact("seq", 0)).toBe(0);
  });

  it("keeps the words when only the photo does not fit", async () => {
    const p = await phone();
    const id = uuid7();
    const photo: Photo = { sha256: "a".repeat(64), letter: id, type: "image/jpeg", bytes: new Uint8Array(9), made_at: 1 };
    vi.spyOn(p.box.photos, "put").mockRejectedValueOnce(Object.assign(new Error(), { name: "AbortError", inner: quota() }));
    expect(await keepPhoto(p.box, photo)).toBe(false);
    await p.report("桥", id);
    expect(await p.box.waiting.count()).toBe(1);
    expect(await keepPhoto(p.box, photo)).toBe(true);
  });
});

describe("settling", () => {
  it("removes a letter only on its own id and hash", async () => {
    const p = await phone();
    const saved = await p.report();
    const batch = await p.box.waiting.toArray();
    const other = "f".repeat(64);
    for (const result of [
      { id: saved.id, sha256: other, outcome: "stored" },
      { id: uuid7(), sha256: saved.sha256, outcome: "stored" },
      { id: saved.id, sha256: saved.sha256, outcome: "retry" },
      { id: saved.id, sha256: saved.sha256, outcome: "thrown away" },
      { id: saved.id, outcome: "stored" } as never,
    ]) {
      expect(await settle(p.box, p.seal, batch, [result], "e", p.clock)).toEqual([saved.id]);
      expect(await p.box.waiting.count()).toBe(1);
    }
    expect(await settle(p.box, p.seal, batch, [{ id: saved.id, sha256: saved.sha256, outcome: "stored" }], "e", p.clock)).toEqual([]);
    expect(await p.box.waiting.count()).toBe(0);
  });

  it("keeps a copy that does not show its text, and can be shown with its code while the copy is lent", async () => {
    const p = await phone();
    const saved = await p.report("屋里的事");
    await p.round();
    const copy = (await p.box.journal.get(saved.id))!;
    expect(copy).toMatchObject({ outcome: "stored", epoch: "epoch-1" });
    expect(JSON.stringify(copy)).not.toMatch(/R-1|屋里的事/);
    const words = (await p.seal.show(copy))!;
    expect([words.ref, sha256(words.text)]).toEqual(["R-1", saved.said]);
    await p.parcels.lease.wipe();
    expect(await p.seal.show(copy)).toBeNull();
    expect(sha256(opened(copy.text, copy.id)!)).toBe(saved.said);
  });

  it.each(["held", "quarantined"] as const)("lays a card with the text for %s", async (outcome) => {
    const p = await phone();
    p.office.judge = () => outcome;
    const saved = await p.report("看不懂的话");
    await p.round();
    expect(await p.box.waiting.count()).toBe(0);
    const card = (await p.box.trouble.get(saved.id))!;
    expect(card).toMatchObject({ outcome, code: "some.code" });
    expect(card.text).not.toContain("看不懂的话");
    expect((await p.seal.show(card))?.text).toContain("看不懂的话");
  });

  it("shows a letter spoilt in storage instead of sending it for ever", async () => {
    const p = await phone();
    const spoilt = await p.report("甲");
    const good = await p.report("乙");
    await p.box.waiting.update(spoilt.id, { text: "{}" });
    await p.round();
    expect([...p.office.letters.keys()]).toEqual([good.id]);
    expect((await p.box.trouble.get(spoilt.id))?.outcome).toBe("damaged");
  });
});

describe("drafts", () => {
  it("keep the newest state and never two writes at once", async () => {
    const p = await phone();
    const keeper = new DraftKeeper(p.box, p.seal, p.clock);
    const put = vi.spyOn(p.box.drafts, "put");
    const id = uuid7();
    for (let i = 1; i <= 50; i++) void keeper.keep({ id, form: "report", title: "", data: { words: "字".repeat(i) } });
    await keeper.settled();
    expect((await draft(p, id))?.data).toEqual({ words: "字".repeat(50) });
    expect(put.mock.calls.length).toBeLessThan(5);
  });

  it("several at once, newest first", async () => {
    const p = await phone();
    const keeper = new DraftKeeper(p.box, p.seal, p.clock);
    for (const id of ["a", "b", "c"]) {
      p.clock.pass(1000);
      await keeper.keep({ id, form: "report", title: id, data: {} });
    }
    expect((await openDrafts(p.box)).map((d) => d.id)).toEqual(["c", "b", "a"]);
  });

  it("are gone once they are letters, a crash in between included", async () => {
    const p = await phone();
    const id = uuid7();
    await p.box.drafts.put({ id, form: "report", title: "", data: {}, updated_at: 1 });
    await p.report("桥", id);
    expect(await p.box.drafts.count()).toBe(0);
    await p.box.drafts.put({ id, form: "report", title: "", data: {}, updated_at: 1 });
    expect(await openDrafts(p.box)).toEqual([]);
    expect(await p.box.drafts.count()).toBe(0);
  });

  it("say when they could not be stored, and store again when there is room", async () => {
    const p = await phone();
    const keeper = new DraftKeeper(p.box, p.seal, p.clock);
    vi.spyOn(p.box.drafts, "put").mockRejectedValueOnce(quota());
    await keeper.keep({ id: "a", form: "report", title: "", data: {} });
    expect(keeper.failed).not.toBeNull();
    await keeper.keep({ id: "a", form: "report", title: "", data: {} });
    expect(keeper.failed).toBeNull();
  });

  it("take their photos with them when thrown away", async () => {
    const p = await phone();
    await p.box.photos.put({ sha256: "b".repeat(64), letter: "a", type: "image/jpeg", bytes: new Uint8Array(3), made_at: 1 });
    await p.box.drafts.put({ id: "a", form: "report", title: "", data: {}, updated_at: 1 });
    await dropDraft(p.box, "a");
    expect([await p.box.photos.count(), await p.box.drafts.count()]).toEqual([0, 0]);
  });
});

describe("left-over photos", () => {
  it("go after a day; those of a letter or a draft stay", async () => {
    const p = await phone();
    const saved = await p.report();
    await p.box.drafts.put({ id: "a", form: "report", title: "", data: {}, updated_at: 1 });
    for (const [hash, letter] of [["1", saved.id], ["2", "a"], ["3", "nobody"]] as const) {
      await p.box.photos.put({ sha256: hash, letter, type: "image/jpeg", bytes: new Uint8Array(3), made_at: 0 });
    }
    await sweepPhotos(p.box, 1000);
    expect(await p.box.photos.count()).toBe(3);
    await sweepPhotos(p.box, 86_400_001);
    expect(await p.box.photos.toCollection().primaryKeys()).toEqual(["1", "2"]);
    await p.round();
    expect(await signOff(p.box, () => p.parcels.dropAll())).toBe(false);
  });
});

describe("signing off", () => {
  it("is refused while a letter waits", async () => {
    const p = await phone();
    await p.report();
    expect(await signOff(p.box, () => p.parcels.dropAll())).toBe(false);
    expect(await p.box.waiting.count()).toBe(1);
    await p.round();
    expect(await signOff(p.box, () => p.parcels.dropAll())).toBe(true);
    expect([await p.box.journal.count(), await p.parcels.facts.count(), await p.box.facts.get("credential")]).toEqual([0, 0, undefined]);
  });

  it("the outbox opens again with everything in it", async () => {
    const p = await phone(undefined, "reopened");
    const saved = await saveLetter(p.box, p.seal, { id: uuid7(), kind: "matter.rate/1", place: GRID, body: { ref: "HY26-7K3M9Q", score: 4 } }, p.clock);
    p.box.close();
    const again = await phone(p.office, "reopened");
    expect((await again.box.waiting.get(saved.id))?.sha256).toBe(saved.sha256);
    expect((await again.report()).seq).toBe(2);
  });
});
