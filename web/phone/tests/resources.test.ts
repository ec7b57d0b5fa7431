/** 本网格: what there is, by sort, in the order shown; a parcel from before has none. */

import { describe, expect, it } from "vitest";
import { resourcesOf } from "../src/store/resources";
import type { Resource } from "../src/store/types";
import { SORT_WORDS } from "../src/words/names";
import { parcel } from "./phone";

const of = (id: string, sort: Resource["sort"]): Resource => ({ id, sort, kind: "", name: id, words: "", phone: null, place: "" });

describe("what there is in a grid", () => {
  it("stands by sort: whom to ask, what to beware of, what there is, what is done", () => {
    const resources = [of("a", "service"), of("b", "hazard"), of("c", "contact"), of("d", "hazard")];
    const found = resourcesOf(parcel(1, { resources }));
    expect(found.map(([sort, rows]) => [SORT_WORDS[sort], rows.map((r) => r.id)])).toEqual([
      ["找谁帮忙", ["c"]], ["要当心", ["b", "d"]], ["能办什么", ["a"]],
    ]);
  });
  it("is nothing in a parcel of an older office", () => expect(resourcesOf(parcel(1))).toEqual([]));
});
