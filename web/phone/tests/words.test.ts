/** The words on the screens. */

import { describe, expect, it } from "vitest";
import { headline } from "../src/words/names";

describe("the line that something goes by in lists", () => {
  it("is its first sentence, cut", () => {
    expect(headline("桥头的垃圾堆了三天。夏天味道大")).toBe("桥头的垃圾堆了三天");
    expect(headline("字".repeat(30))).toBe(`${"字".repeat(24)}…`);
  });
  it("shows signs that turn the direction of writing, the writer's own too", () => {
    expect(headline("付了\u202e0001\u2066元")).toBe("付了⇄0001⇄元");
  });
});
