/** What the screens read: search, duplicates, today, the truthful line. */

import { describe, expect, it } from "vitest";
import { isWorkingDay } from "../src/store/clock_words";
import { alike } from "../src/store/duplicates";
import { findDoors, findPolicies } from "../src/store/search";
import { todayOf } from "../src/store/today";
import type { Catalogue, Matter } from "../src/store/types";
import { allDoors, allMatters, bySinceVisit, commonPlace, NOTHING, type Pending, type Snapshot } from "../src/store/view";
import { goWords, sinceWords } from "../src/words/dates";
import { statusLine, type StatusFacts } from "../src/words/status";
import { GRID, HOUSE, parcel } from "./phone";

const TODAY = "2026-11-23";
const none = (): Pending => ({ visited: new Map(), added: new Set(), rated: new Set() });
const matter = (change: Partial<Matter>): Matter => ({
  id: "m1", ref: "R-1", category: "environment.garbage", words: "桥头垃圾箱满了没人收", stage: "handling", visibility: "ordinary",
  household_id: null, place: GRID, reported_at: "2026-11-20T08:00:00+08:00", reporter: "张三", mine: false, office: null,
  office_name: null, due_on: "2026-11-25", answer: null, ask: null, waiting_on_me: false, rating: null, steps: [], ...change,
});
const CATALOGUE: Catalogue = {
  etag: "c", duties: [], calendar: { off: [], on: [], until: "" }, words: {}, offices: {},
  categories: ["environment", "environment.garbage", "safety"].map((code) => ({
    code, name: code, top: code.split(".")[0]!, icon: null, visibility: "ordinary" as const, who_sees: "", clock_words: "", limit_days: 3,
  })),
  policies: [
    { code: "a", title: "最低生活保障（低保）", summary: "家里收入低", body: "到村里申请", source: "", on: "" },
    { code: "b", title: "临时救助", summary: "突然遇到大难处", body: "低保户也能申请", source: "", on: "" },
  ],
};
const snap = (change: Partial<Snapshot>): Snapshot => ({ ...NOTHING, catalogue: CATALOGUE, parcels: [parcel(1)], ...change });

describe("search", () => {
  const doors = allDoors(snap({}));
  it.each([["刘", 1], ["lyl", 1], ["LY", 1], ["三组", 1], ["王", 0], ["xyz", 0], ["", 1]])("%j finds %i", (query, n) => {
    expect(findDoors(doors, query)).toHaveLength(n);
  });
  it("finds a policy by its title before one that only mentions it", () => {
    expect(findPolicies(CATALOGUE.policies, "低保").map((p) => p.code)).toEqual(["a", "b"]);
    expect(findPolicies(CATALOGUE.policies, "大难处").map((p) => p.code)).toEqual(["b"]);
    expect(findPolicies(CATALOGUE.policies, "拖拉机")).toEqual([]);
  });
});

describe("duplicates", () => {
  const s = snap({ parcels: [parcel(1, { matters: [matter({})] })] });
  const find = (category: string, words: string, from = s): number => alike(from, category, words, TODAY).length;
  it("same kind, same words, lately", () => expect(find("environment", "桥头的垃圾箱又满了")).toBe(1));
  it("not of another kind", () => expect(find("safety", "桥头的垃圾箱又满了")).toBe(0));
  it("not with other words", () => expect(find("environment", "水渠堵住了要清一清")).toBe(0));
  it("not from long ago", () => expect(find("environment", "桥头的垃圾箱又满了", snap({ parcels: [parcel(1, { matters: [matter({ reported_at: "2026-10-01T08:00:00+08:00" })] })] }))).toBe(0));
  it("never a confidential one", () => expect(find("environment", "桥头的垃圾箱又满了", snap({ mine: [matter({ visibility: "sensitive" })] }))).toBe(0));
});

describe("today", () => {
  const due = { household_id: HOUSE, plan_on: TODAY, due_on: TODAY, why: "连心户每周看一次（我们的默认）" };
  it("a visit is due until it is written down, sent or not", () => {
    const s = snap({ parcels: [parcel(1, { visits_due: [due] })] });
    expect(todayOf(s, none(), TODAY).visits).toHaveLength(1);
    expect(todayOf(s, { ...none(), visited: new Map([[HOUSE, TODAY]]) }, TODAY).visits).toHaveLength(0);
  });
  it("those owed most come first, those planned for later last, and so many a day are enough", () => {
    const home = parcel(1).households[0]!;
    const homes = (["green", "yellow", "red", "red", "green"] as const).map((grade, n) => ({ ...home, id: `h${n}`, grade }));
    const days = ["2026-08-01", "2026-11-20", "2026-11-22", "2026-11-26", "2026-11-27"];
    const visits_due = homes.map((h, n) => ({ ...due, household_id: h.id, plan_on: days[n]! }));
    const s = snap({ parcels: [parcel(1, { households: homes, visits_due })] });
    const found = todayOf(s, none(), TODAY);
    expect(found.visits.map((v) => v.door.household.id)).toEqual(["h2", "h1", "h0", "h3"]);
    expect(found.first).toBe(3);
    const gone = todayOf(s, { ...none(), visited: new Map([["h2", TODAY], ["h4", TODAY]]) }, TODAY);
    expect([gone.visits.map((v) => v.door.household.id), gone.first]).toEqual([["h1", "h0", "h3"], 1]);
  });
  it.each([
    ["2026-11-12", "2026-11-19", "上次 11月12日，该去看看了"], ["2025-11-12", TODAY, "上次 2025年11月12日，该去看看了"],
    [null, "2026-04-01", "还没有去过，该去看看了"], ["2026-11-18", "2026-11-25", "上次 11月18日，11月25日去看看"],
  ])("why to go: %j, %j", (last, plan, words) => expect(goWords(last, plan, TODAY)).toBe(words));
  it("an answer is news until it is rated", () => {
    const answered = matter({ mine: true, stage: "answered", answer: { words: "清了", at: "2026-11-22T16:20:00+08:00", by: "环卫站" } });
    expect(todayOf(snap({ mine: [answered] }), none(), TODAY).answers).toHaveLength(1);
    expect(todayOf(snap({ mine: [answered] }), { ...none(), rated: new Set(["R-1"]) }, TODAY).answers).toHaveLength(0);
    const byMe = { verb: "rate", at: "2026-11-22T17:00:00+08:00", by: answered.reporter, words: null };
    expect(todayOf(snap({ mine: [{ ...answered, rating: { score: 5, words: null }, steps: [byMe] }] }), none(), TODAY).answers).toHaveLength(0);
  });
  it("one that the resident rated himself is still heard of, for three days", () => {
    const rated = matter({
      mine: true, stage: "closed", answer: { words: "清了", at: "2026-11-22T16:20:00+08:00", by: "环卫站" }, rating: { score: 5, words: null },
      steps: [{ verb: "rate", at: "2026-11-22T17:00:00+08:00", by: null, words: null }],
    });
    expect(todayOf(snap({ mine: [rated] }), none(), TODAY).answers).toHaveLength(1);
    expect(todayOf(snap({ mine: [rated] }), none(), "2026-11-27").answers).toHaveLength(0);
  });
  it("my own copy of a matter goes before the shared one", () => {
    const s = snap({ parcels: [parcel(1, { matters: [matter({})] })], mine: [matter({ mine: true })] });
    expect(allMatters(s)).toHaveLength(1);
    expect(todayOf(s, none(), TODAY).running).toHaveLength(1);
  });
  it("sorts by longest since the last visit, never visited first", () => {
    const one = parcel(1).households[0]!;
    const s = snap({ parcels: [parcel(1, { households: [
      { ...one, id: "a", code: "1", last_visit: { on: "2026-11-20", by: "", words: null } },
      { ...one, id: "b", code: "2", last_visit: { on: "2026-11-01", by: "", words: null } },
      { ...one, id: "c", code: "3" },
    ] })] });
    expect(bySinceVisit(allDoors(s), none()).map((d) => d.household.id)).toEqual(["c", "b", "a"]);
  });
});

describe("the truthful line", () => {
  const facts: StatusFacts = {
    enrolled: true, refused: false, lapsed: false, online: true, busy: false, last: "done", waiting: 0, photos: 0,
    pulledAt: new Date(2026, 10, 23, 9, 41).getTime(), deliveredAt: null, now: new Date(2026, 10, 23, 10, 0).getTime(),
  };
  it.each([
    [{}, "全部送达 9:41"],
    [{ online: false, waiting: 3 }, "没有信号 · 已存本机 3 条，等信号"],
    [{ online: false }, "没有信号 · 手机里的照样能看能记"],
    [{ online: false, lapsed: true }, "没有信号 · 户和事先收起来了，照样能记"],
    [{ waiting: 2, busy: true }, "正在送 · 已存本机 2 条"],
    [{ last: "unreachable" as const, waiting: 1 }, "连不上县里 · 已存本机 1 条，会自动再送"],
    [{ photos: 2 }, "照片 2 张，等着送"],
    [{ refused: true, waiting: 4 }, "要重新登记 · 已存本机 4 条，都在"],
    [{ enrolled: false }, "这台手机还没登记"],
    [{ pulledAt: null }, "还没取到资料"],
    [{ now: new Date(2026, 10, 24, 8, 0).getTime() }, "全部送达 昨天 9:41"],
  ])("%j", (change, words) => expect(statusLine({ ...facts, ...change }).words).toBe(words));
});

describe("small things", () => {
  it("the place of a matter without a household is what my grids share", () => {
    expect(commonPlace([GRID])).toBe(GRID);
    expect(commonPlace([GRID, "61092110420004001"])).toBe("610921104200");
    expect(commonPlace([])).toBe("");
  });
  it("days in words", () => {
    expect(["2026-11-23", "2026-11-22", "2026-11-15", "2026-01-02"].map((d) => sinceWords(d, TODAY))).toEqual(["今天", "昨天", "8 天前", "1月2日"]);
  });
  it("beyond the published calendar only weekends are off", () => {
    expect(isWorkingDay("2027-01-01", { off: ["2027-01-01"], on: [], until: "2026-12-31" })).toBe(true);
    expect(isWorkingDay("2027-01-02", { off: [], on: ["2027-01-02"], until: "2026-12-31" })).toBe(false);
  });
});
