/** Six digits before the copy opens: counted, slowed down, spent; what was written goes its way. */

import { describe, expect, it, vi } from "vitest";
import { Parcels } from "../src/store/db";
import { FREE, MOST, stands, WAIT_MS } from "../src/store/pin";
import { GRID, parcel, phone, type Phone } from "./phone";

const RIGHT = "281905";
const WRONG = "000000";

/** A phone with digits, as it starts again. */
async function locked(): Promise<Phone> {
  const p = await phone();
  p.office.parcels.set(GRID, parcel(1));
  await p.round();
  await p.parcels.lease.setPin(RIGHT);
  expect(await p.parcels.all()).toHaveLength(1);
  const again = await phone(p.office, p.box.name.replace("-outbox", ""));
  return again;
}

async function tried(parcels: Parcels, digits: string): Promise<[string, number]> {
  let waited = 0;
  const end = await parcels.lease.unlock(digits, async (ms) => { waited += ms; });
  return [end, waited];
}

describe("six digits", () => {
  it("stand before the households, once chosen or where the county asks, and never before writing", () => {
    const none = { locked: false, has: false, asked: false, holds: true };
    const before = (page: string) =>
      [none, { ...none, asked: true }, { ...none, asked: true, holds: false }, { ...none, has: true, asked: true }, { ...none, has: true, locked: true }]
        .map((now) => stands(page, now));
    for (const page of ["today", "households", "household", "grid", "me", "lock"]) expect(before(page)).toEqual([false, true, false, false, true]);
    for (const page of ["report", "saved", "outbox", "enrol"]) expect(before(page)).toEqual([false, false, false, false, false]);
  });

  it("are not asked for where nothing can be closed with them", () => {
    vi.stubGlobal("crypto", {});
    expect(stands("today", { locked: false, has: false, asked: true, holds: true })).toBe(false);
    vi.unstubAllGlobals();
  });

  it("keep a started app closed until they are given", async () => {
    const p = await locked();
    expect([await p.parcels.lease.isLocked(), await p.parcels.all(), await p.parcels.fact("person")]).toEqual([true, [], null]);
    expect(await tried(p.parcels, WRONG)).toEqual(["wrong", 0]);
    expect(await p.parcels.all()).toEqual([]);
    expect(await tried(p.parcels, RIGHT)).toEqual(["open", 0]);
    expect((await p.parcels.all())[0]?.households[0]?.head).toBe("刘永林");
    expect(await p.parcels.lease.triesLeft()).toBe(MOST);
  });

  it("let letters go while closed, and fetch nothing", async () => {
    const p = await locked();
    await p.report();
    const pulls = p.office.count("/api/phone/parcels");
    await p.round();
    expect([await p.box.waiting.count(), p.office.count("/api/phone/parcels"), p.sync.state.last]).toEqual([0, pulls, "done"]);
  });

  it("closed, a phone that was ended hears of it and gives its copy back", async () => {
    const p = await locked();
    p.office.credential = "other";
    await p.round();
    expect([p.sync.state.last, await p.parcels.parcels.count(), await p.parcels.lease.hasPin()]).toEqual(["refused", 0, true]);
  });

  it("may be wrong five times, then each try takes its time, after ten they are spent; restarts do not help", async () => {
    let p = await locked();
    const ends: [string, number][] = [];
    for (let n = 1; n <= MOST; n++) {
      ends.push(await tried(p.parcels, WRONG));
      p = await phone(p.office, p.box.name.replace("-outbox", ""));
    }
    expect(ends.map(([, waited]) => waited)).toEqual([...Array<number>(FREE).fill(0), ...Array<number>(MOST - FREE).fill(WAIT_MS)]);
    expect(ends.map(([end]) => end)).toEqual([...Array<string>(MOST - 1).fill("wrong"), "spent"]);
    expect((await tried(p.parcels, RIGHT))[0]).toBe("spent");
  });

  it("are still asked for when the time was over, and close what comes afterwards", async () => {
    const p = await locked();
    p.clock.pass(80 * 3_600_000);
    await p.parcels.heedLease(p.clock.now());
    await p.round();
    expect([await p.parcels.lease.isLocked(), await p.parcels.all()]).toEqual([true, []]);
    await tried(p.parcels, RIGHT);
    await p.round();
    expect(await p.parcels.all()).toHaveLength(1);
    const again = await phone(p.office, p.box.name.replace("-outbox", ""));
    expect(await again.parcels.all()).toEqual([]);
  });

  it("can be changed and given up while open", async () => {
    const p = await locked();
    await expect(p.parcels.lease.setPin("111222")).rejects.toThrow();
    await tried(p.parcels, RIGHT);
    await p.parcels.lease.setPin("111222");
    let again = await phone(p.office, p.box.name.replace("-outbox", ""));
    expect((await tried(again.parcels, RIGHT))[0]).toBe("wrong");
    expect((await tried(again.parcels, "111222"))[0]).toBe("open");
    await again.parcels.lease.setPin(null);
    again = await phone(p.office, p.box.name.replace("-outbox", ""));
    expect(await again.parcels.all()).toHaveLength(1);
  });
});
