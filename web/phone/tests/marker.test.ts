/** The mark outside the database: what a phone knows of itself after its storage was cleared. */

import { describe, expect, it } from "vitest";
import { readMark, writeMark, type Shelf } from "../src/outbox/marker";
import { enrol } from "../src/sync/enrol";
import { phone } from "./phone";

const MARK = { device: "019364a0-7c1e-7a52-9d41-3f0c5a2b1e77", seq: 7, waiting: 2 };

/** A cookie jar of one cookie, as `document.cookie` behaves, and a storage that may be forbidden. */
function shelf(kept = new Map<string, string>(), forbidden = false, secure = false): Shelf & { set: string[] } {
  const set: string[] = [];
  let jar = "";
  const guard = <T>(value: T): T => {
    if (forbidden) throw new Error("SecurityError");
    return value;
  };
  return {
    set,
    secure,
    get cookie() { return jar; },
    set cookie(text) { set.push(text); jar = /max-age=0;/.test(text) ? "" : text.split(";")[0]!; },
    storage: {
      getItem: (name) => guard(kept.get(name) ?? null),
      setItem: (name, text) => void guard(kept.set(name, text)),
      removeItem: (name) => void guard(kept.delete(name)),
    },
  };
}

describe("the mark", () => {
  it("survives with either of its two places", () => {
    const kept = new Map<string, string>();
    const both = shelf(kept);
    writeMark(both, MARK);
    kept.clear();
    expect(readMark(both)).toEqual(MARK);
    writeMark(both, MARK);
    both.cookie = "lianhu-phone=; max-age=0; ";
    expect(readMark(both)).toEqual(MARK);
  });

  it("does without a storage that is forbidden, and speaks of the later state", () => {
    const forbidden = shelf(new Map(), true);
    writeMark(forbidden, MARK);
    expect(readMark(forbidden)).toEqual(MARK);
    const kept = new Map([["lianhu-phone", `${MARK.device}.9.0`]]);
    const apart = shelf(kept);
    apart.cookie = `lianhu-phone=${MARK.device}.7.2; path=/`;
    expect(readMark(apart)).toEqual({ ...MARK, seq: 9, waiting: 0 });
  });

  it("is over HTTPS a cookie of HTTPS alone", () => {
    const one = shelf(new Map(), true, true);
    writeMark(one, MARK);
    expect(one.set[0]).toMatch(/^__Secure-lianhu-phone=.*; path=\/phone\/;.*; samesite=strict; secure$/);
    expect(readMark(one)).toEqual(MARK);
    one.cookie = `lianhu-phone=${MARK.device}.9.9; path=/`;
    expect(readMark(one)).toBeNull();
  });

  it("is gone after signing off, and nonsense is no mark", () => {
    const one = shelf();
    writeMark(one, MARK);
    writeMark(one, null);
    expect(readMark(one)).toBeNull();
    one.cookie = "lianhu-phone=x.1.2; path=/";
    expect(readMark(one)).toBeNull();
  });
});

describe("enrolling again", () => {
  it("goes on behind the last number of a mark, and says what it was", async () => {
    const p = await phone();
    let asked: Record<string, unknown> = {};
    const api = { ...p.api, enrol: (ask: Record<string, unknown>) => {
      asked = ask;
      return Promise.resolve({ ok: true as const, status: 200, headers: new Headers(), body: { device_id: "new", credential: "c" } });
    } };
    expect(await enrol(p.box, api as typeof p.api, "t", "手机", MARK)).toBeNull();
    expect(asked).toMatchObject({ continues: MARK.device, first_seq: 8 });
    expect((await p.report()).seq).toBe(8);
    await enrol(p.box, api as typeof p.api, "t", "手机");
    expect(asked).toMatchObject({ continues: "new", first_seq: 8 });
  });
});
