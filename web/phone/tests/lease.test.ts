/** The phone's copy is sealed, lent for a time, and goes when the time or the device ends; letters stay. */

import { describe, expect, it } from "vitest";
import { Parcels } from "../src/store/db";
import { enrol } from "../src/sync/enrol";
import { GRID, parcel, phone, type Phone } from "./phone";

const HOUR = 3_600_000;

async function pulled(): Promise<Phone> {
  const p = await phone();
  p.office.parcels.set(GRID, parcel(1));
  p.office.mine = { version: 1, matters: [] };
  await p.round();
  return p;
}

describe("the sealed copy", () => {
  it("holds no name in its rows, and opens for the screens", async () => {
    const p = await pulled();
    const bytes = Buffer.from((await p.parcels.parcels.get(GRID))!.sealed.data);
    expect(bytes.includes(Buffer.from("刘永林"))).toBe(false);
    const plain = JSON.stringify([await p.parcels.parcels.toArray(), (await p.parcels.facts.toArray()).filter((f) => "value" in f)]);
    expect(plain).not.toMatch(/刘永林|王秀珍/);
    const { parcels, facts } = await p.parcels.read();
    expect([parcels[0]?.households[0]?.head, facts.person?.name, facts.place]).toEqual(["刘永林", "王秀珍", GRID]);
  });

  it("shows signs that turn the direction of writing instead of obeying them", async () => {
    const p = await phone();
    const sent = parcel(1);
    sent.households[0]!.head = "刘\u202e永林\u2066";
    p.office.parcels.set(GRID, sent);
    await p.round();
    expect((await p.parcels.all())[0]?.households[0]?.head).toBe("刘⇄永林⇄");
  });

  it("has a key that no script can read out", async () => {
    const p = await pulled();
    expect((await p.parcels.lease.held())!.key!.extractable).toBe(false);
  });

  it("a row moved to another grid does not open", async () => {
    const p = await pulled();
    const row = (await p.parcels.parcels.get(GRID))!;
    await p.parcels.parcels.put({ ...row, grid: "61092110420003009" });
    expect((await p.parcels.all()).map((one) => one.grid)).toEqual([GRID]);
  });

  it("kept open by an older app is sealed at the next start, and still there", async () => {
    const p = await pulled();
    await p.parcels.parcels.put(parcel(1) as never);
    await p.parcels.facts.put({ name: "person", value: { name: "王秀珍", roles: [] } });
    await p.parcels.sealOld(p.clock.now());
    expect((await p.parcels.parcels.toArray()).every((row) => row.sealed.iv !== null)).toBe(true);
    expect((await p.parcels.facts.get("person"))).not.toHaveProperty("value");
    expect((await p.parcels.all())[0]?.households[0]?.head).toBe("刘永林");
    await p.round();
    expect(p.office.calls.at(-1)!.json.have).toEqual({ [GRID]: 1 });
  });
});

describe("the lease", () => {
  it("ends after the hours the office lends, opens and closes between them included", async () => {
    const p = await pulled();
    p.online = false;
    for (let hour = 0; hour < 71; hour++) {
      p.clock.pass(HOUR);
      expect(await p.parcels.heedLease(p.clock.now())).toBe(false);
    }
    expect(await p.parcels.all()).toHaveLength(1);
    await p.report();
    p.clock.pass(HOUR);
    expect(await p.parcels.heedLease(p.clock.now())).toBe(true);
    const { parcels, facts } = await p.parcels.read();
    expect([parcels, facts.person, facts.mine, facts.lapsed, facts.place]).toEqual([[], undefined, undefined, true, GRID]);
    expect([await p.parcels.lease.facts.count(), await p.box.waiting.count()]).toEqual([0, 1]);
  });

  it("is as long as the office says", async () => {
    const p = await phone();
    p.office.leaseHours = 5;
    p.office.parcels.set(GRID, parcel(1));
    await p.round();
    p.clock.pass(4 * HOUR);
    expect(await p.parcels.heedLease(p.clock.now())).toBe(false);
    p.clock.pass(HOUR);
    expect(await p.parcels.heedLease(p.clock.now())).toBe(true);
  });

  it("begins anew at each contact, and comes back whole after it ended", async () => {
    const p = await pulled();
    for (let n = 0; n < 3; n++) {
      p.clock.pass(60 * HOUR);
      await p.round();
      expect(await p.parcels.all()).toHaveLength(1);
    }
    p.clock.pass(80 * HOUR);
    await p.report();
    await p.round();
    expect([await p.parcels.all().then((all) => all.length), await p.parcels.fact("lapsed"), await p.box.waiting.count()]).toEqual([1, false, 0]);
    expect(p.office.calls.filter((c) => c.path === "/api/phone/parcels").at(-1)!.json.have).toEqual({});
  });

  it("a clock set back lengthens nothing; one that jumps ahead costs a copy and no letter", async () => {
    const p = await pulled();
    p.online = false;
    p.clock.pass(70 * HOUR);
    await p.parcels.heedLease(p.clock.now());
    p.clock.wall -= 400 * 24 * HOUR;
    expect(await p.parcels.heedLease(p.clock.now())).toBe(false);
    p.clock.pass(2 * HOUR);
    expect(await p.parcels.heedLease(p.clock.now())).toBe(true);
    const q = await pulled();
    await q.report();
    q.clock.wall += 400 * 24 * HOUR;
    q.online = false;
    await q.round();
    expect([await q.parcels.all(), await q.box.waiting.count()]).toEqual([[], 1]);
  });

  it("a phone that was ended gives its copy back at once; what it wrote goes after it is enrolled again", async () => {
    const p = await pulled();
    await p.report();
    p.office.credential = "other";
    await p.round();
    expect(p.sync.state.last).toBe("refused");
    expect([await p.parcels.all(), await p.parcels.lease.held(), await p.box.waiting.count()]).toEqual([[], null, 1]);
    expect(await enrol(p.box, p.api, "t", "红米")).toBeNull();
    await p.round();
    expect([(await p.parcels.all()).length, await p.box.waiting.count()]).toEqual([1, 0]);
  });

  it("broken off between the key and the copy: nothing opens, and a pull brings all", async () => {
    const p = await pulled();
    await p.parcels.lease.wipe();
    const again = new Parcels({ name: p.parcels.name });
    expect(await again.all()).toEqual([]);
    await p.round();
    expect(p.office.calls.filter((c) => c.path === "/api/phone/parcels").at(-1)!.json).toMatchObject({ have: {}, mine: null });
    expect(await again.all()).toHaveLength(1);
  });
});
