/** A phone without screens: its own databases, a clock the test moves, an office of the test's choice. */

import type { Clock } from "../src/kernel/time";
import { uuid7 } from "../src/kernel/uuid7";
import { Outbox } from "../src/outbox/db";
import { saveLetter, type Saved } from "../src/outbox/save";
import { Seal } from "../src/outbox/seal";
import { Parcels } from "../src/store/db";
import type { Parcel } from "../src/store/types";
import { createApi, type Api } from "../src/sync/api";
import { pageLocks, Sync, type Locks } from "../src/sync/loop";
import { Office } from "./office";

let count = 0;

export const GRID = "61092110420003002";
export const HOUSE = "019364a0-7c1e-7a52-9d41-3f0c5a2b1e77";

export class HandClock implements Clock {
  wall = Date.parse("2026-11-23T09:41:00+08:00");
  ticks = 0;
  now = (): number => this.wall;
  tick = (): number => this.ticks;
  pass(ms: number): void {
    this.wall += ms;
    this.ticks += ms;
  }
}

export interface Phone {
  office: Office;
  box: Outbox;
  parcels: Parcels;
  api: Api;
  seal: Seal;
  clock: HandClock;
  sync: Sync;
  online: boolean;
  /** Write and save a report. */
  report(words?: string, id?: string): Promise<Saved>;
  /** A round as if the person had asked for it. */
  round(): Promise<void>;
}

/** An enrolled phone. The same `name` twice is the same phone started again. */
export async function phone(office = new Office(), name = `t${++count}`, locks: Locks = pageLocks()): Promise<Phone> {
  const box = new Outbox({ name: `${name}-outbox` });
  const parcels = new Parcels({ name: `${name}-parcels` });
  await Promise.all([box.open(), parcels.open()]);
  const clock = new HandClock();
  if (!(await box.facts.get("credential"))) {
    // As after its first contact.
    await box.setFact("credential", "good");
    await box.setFact("rescue_key", office.rescue);
    await parcels.lease.renew(clock.now());
    await new Seal(box, parcels.lease).rest();
  }
  const api = createApi({ fetch: office.fetch, base: "", credential: () => box.fact<string | null>("credential", null) });
  const seal = new Seal(box, parcels.lease);
  const made: Phone = {
    office, box, parcels, api, seal, clock, online: true,
    sync: new Sync({
      box, parcels, api, seal, clock, locks, online: () => made.online, random: () => 0,
      setTimer: () => 0, clearTimer: () => undefined,
    }),
    report: (words = "桥头的垃圾堆了三天", id = uuid7()) => saveLetter(box, seal, {
      id, kind: "matter.report/1", place: GRID, body: { category: "environment", words, visibility: "ordinary" },
    }, clock),
    round: async () => {
      clock.pass(60_000);
      await made.sync.kick("person");
    },
  };
  return made;
}

export function parcel(version: number, change: Partial<Parcel> = {}): Parcel {
  return {
    grid: GRID, version, name: "双乳村三组第 2 网格", place_names: {}, matters: [], visits_due: [], visit_plan: { per_day: 3, label: "我们的默认" }, notices: [],
    households: [{ id: HOUSE, code: "h1", head: "刘永林", initials: "lyl", address: "三组 5 号", members: [], last_visit: null, visits: [] }],
    ...change,
  };
}
