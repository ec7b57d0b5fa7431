/** What is written lies sealed: to the office for good, to this phone for as long as its copy is lent. */

import { describe, expect, it } from "vitest";
import { makeKey, sealText } from "../src/kernel/sealing";
import { sha256 } from "../src/kernel/sha256";
import { rescueFile } from "../src/outbox/rescue";
import { isSealed } from "../src/outbox/seal";
import { enrol } from "../src/sync/enrol";
import { GRID, parcel, phone, type Phone } from "./phone";
import { opened } from "./office";

const HOUR = 3_600_000;
const WORDS = "屋里的事不要外传";

/** Everything in the outbox's tables, as text. */
async function everything(p: Phone): Promise<string> {
  const rows = await Promise.all(p.box.tables.map((table) => table.toArray()));
  return JSON.stringify(rows, (_, value: unknown) => (value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : value));
}

const shown = async (p: Phone): Promise<(string | null)[]> =>
  (await p.seal.shown(await p.box.waiting.toArray())).map((row) => row.said && (JSON.parse(row.said) as { body: { words: string } }).body.words);

describe("a letter that waits", () => {
  it("can be shown while the copy is lent, goes when it is over, and is lost by neither", async () => {
    const p = await phone();
    p.office.parcels.set(GRID, parcel(1));
    await p.round();
    const saved = await p.report(WORDS);
    expect([await shown(p), (await everything(p)).includes(WORDS)]).toEqual([[WORDS], false]);
    p.online = false;
    p.clock.pass(80 * HOUR);
    await p.round();
    expect([await p.parcels.lease.facts.count(), await shown(p), await p.box.waiting.count()]).toEqual([0, [null], 1]);
    p.online = true;
    await p.round();
    expect([p.office.letters.get(saved.id)?.sha256, await p.box.waiting.count()]).toEqual([saved.said, 0]);
  });

  it("of a phone that was ended is sealed, is in its file, and goes when the same person is in again", async () => {
    const p = await phone();
    const saved = await p.report(WORDS);
    p.office.credential = "other";
    await p.round();
    expect([p.sync.state.last, await shown(p), (await everything(p)).includes(WORDS)]).toEqual(["refused", [null], false]);
    expect(await rescueFile(p.box)).toContain("lianhu-rescue/1");
    expect(await enrol(p.box, p.api, "t", "红米")).toBeNull();
    await p.round();
    expect(p.office.letters.get(saved.id)?.sha256).toBe(saved.said);
  });

  it("written before the digits were given opens with them", async () => {
    const p = await phone();
    await p.parcels.lease.setPin("281905");
    const again = await phone(p.office, p.box.name.replace("-outbox", ""));
    again.online = false;
    await again.report(WORDS);
    expect([await again.parcels.lease.isLocked(), await shown(again), (await everything(again)).includes(WORDS)]).toEqual([true, [null], false]);
    await again.parcels.lease.unlock("281905", async () => undefined);
    expect(await shown(again)).toEqual([WORDS]);
  });

  it("is left where it is when somebody else is on this phone now, and goes in its writer's name only", async () => {
    const p = await phone();
    const saved = await p.report(WORDS);
    p.office.rescue = { ...p.office.rescue, writer: "w-2" };
    await p.round();
    expect([p.office.letters.size, (await p.box.waiting.get(saved.id))?.stuck]).toEqual([0, "letter.of_another"]);
    p.office.rescue = { ...p.office.rescue, writer: "w-1" };
    await p.round();
    expect(p.office.letters.get(saved.id)?.sha256).toBe(saved.said);
  });

  it("to a key that the office has no more is sealed anew, under the same id", async () => {
    const p = await phone();
    const saved = await p.report(WORDS);
    p.office.rescue = { ...p.office.rescue, version: 2 };
    for (let n = 0; n < 3; n++) await p.round();
    expect([p.office.letters.get(saved.id)?.sha256, await p.box.waiting.count()]).toEqual([saved.said, 0]);
  });

  it("moved to another id opens nowhere", async () => {
    const p = await phone();
    await p.report(WORDS);
    const row = (await p.box.waiting.toArray())[0]!;
    expect([await p.seal.show({ ...row, id: "other" }), opened(row.text, "other")]).toEqual([null, null]);
  });

  it("is kept open where the office's key was never heard, and sealed once it is", async () => {
    const p = await phone();
    await p.box.facts.delete("rescue_key");
    p.office.tricks.push((c) => (c.path === "/api/phone/letters" ? "drop" : null));
    const saved = await p.report(WORDS);
    expect((await p.box.waiting.get(saved.id))!.text).toContain(WORDS);
    await p.box.setFact("rescue_key", p.office.rescue);
    await p.round();
    const row = (await p.box.waiting.get(saved.id))!;
    expect([isSealed(row.text), sha256(row.text), (await everything(p)).includes(WORDS)]).toEqual([true, row.sha256, false]);
    p.office.tricks.length = 0;
    await p.round();
    expect(p.office.letters.get(saved.id)?.sha256).toBe(saved.said);
  });
});

describe("what an app of before kept", () => {
  it("is sealed at the first round: letters, cards and copies, whose key goes", async () => {
    const p = await phone();
    const text = JSON.stringify({ kind: "matter.rate/1", device_seq: 1, captured_at: "2026-11-23T09:41:00+08:00", place: GRID, body: { ref: "HY26-7K3M9Q", score: 4, words: WORDS } });
    const common = { kind: "matter.rate/1", sha256: sha256(text), media: [], saved_at: 1 };
    await p.box.waiting.put({ id: "a", seq: 1, text, ...common });
    await p.box.trouble.put({ id: "b", kind: "matter.rate/1", text, outcome: "held", code: null, at: 1 });
    const key = (await makeKey())!;
    await p.box.setFact("journal_key", key);
    await p.box.journal.put({
      id: "c", seq: 2, ...common, sealed: await sealText(key, text), outcome: "stored", code: null, ref: "HY26-AAAAAA", epoch: "epoch-1",
      settled_at: 1, fresh: 0, touches: { ref: "HY26-7K3M9Q" },
    } as never);
    p.online = false;
    await p.round();
    expect(await everything(p)).not.toMatch(/HY26|屋里/);
    const copy = (await p.box.journal.get("c"))!;
    expect([(await p.seal.show(copy))?.ref, opened(copy.text, "c"), await p.box.facts.get("journal_key")]).toEqual(["HY26-AAAAAA", text, undefined]);
    expect((await p.seal.show((await p.box.trouble.get("b"))!))?.text).toBe(text);
    p.online = true;
    p.office.epoch = "epoch-2";
    for (let n = 0; n < 3; n++) await p.round();
    expect([...p.office.letters.keys()].sort()).toEqual(["a", "c"]);
  });
});
