/** What a needs-attention card says: why, what to do now, and whether to write it again. */

import { describe, expect, it } from "vitest";
import type { Catalogue, Settled } from "../src/store/types";
import { cardWords } from "../src/words/refusals";

const CATALOGUE: Catalogue = {
  etag: "c", categories: [], duties: [], calendar: { off: [], on: [], until: "" }, policies: [], offices: {},
  words: { "place.not_found": "没有这个地方，或者不归您管。", "matter.words_too_long": "最多 {most} 个字。" },
  letters: {
    "place.not_found": { sender: "有人看过会替您登记，不用再报。" },
    "matter.words_too_long": { why: "这一条写得太长了。", sender: "请分成几条再报。" },
  },
};
const settled = (taken: boolean): Settled => ({ id: "l", taken, words: "三组已经报过了。", at: "2026-11-23T10:05:00+08:00" });

describe("a card", () => {
  it("says what the code asks of its writer", () => {
    expect(cardWords({ outcome: "held", code: "place.not_found" }, CATALOGUE)).toEqual({
      title: "有一条在等人看", why: "没有这个地方，或者不归您管。", todo: "有人看过会替您登记，不用再报。", again: false,
    });
  });
  it("never shows a blank that nobody filled in", () => {
    const words = cardWords({ outcome: "quarantined", code: "matter.words_too_long" }, CATALOGUE);
    expect([words.why, words.todo, words.again]).toEqual(["这一条写得太长了。", "请分成几条再报。", true]);
  });
  it.each([["held", false], ["quarantined", true], ["damaged", true]] as const)("has words for %s without a catalogue", (outcome, again) => {
    const words = cardWords({ outcome, code: outcome === "damaged" ? "damaged_on_phone" : "new.code" }, null);
    expect(words.again).toBe(again);
    expect(words.todo.length).toBeGreaterThan(5);
  });
  it("says what became of it once somebody has looked", () => {
    const no = cardWords({ outcome: "held", code: "place.not_found" }, CATALOGUE, settled(false));
    expect([no.title, no.why, no.again]).toEqual(["有一条看过了，没有收", "三组已经报过了。", true]);
    const yes = cardWords({ outcome: "quarantined", code: "matter.words_too_long" }, CATALOGUE, settled(true));
    expect([yes.title, yes.todo, yes.again]).toEqual(["有一条看过了，已经登记", "不用再报。", false]);
  });
});
