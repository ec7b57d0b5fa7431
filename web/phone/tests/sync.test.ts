/** Sending and pulling against an office that misbehaves. */

import { describe, expect, it, vi } from "vitest";
import { enrol, tokenIn } from "../src/sync/enrol";
import { MOST_LETTERS, Pace } from "../src/sync/pace";
import { pull } from "../src/sync/pull";
import { nextBatch } from "../src/sync/send";
import { json, Office, opened, problem } from "./office";
import { GRID, HandClock, parcel, phone, type Phone } from "./phone";

const LETTERS = "/api/phone/letters";
const waiting = (p: Phone) => p.box.waiting.count();

async function untilDrained(p: Phone, rounds = 30): Promise<number> {
  for (let n = 1; n <= rounds; n++) {
    await p.round();
    if ((await waiting(p)) === 0) return n;
  }
  throw new Error("not drained");
}

describe("letters up", () => {
  it("in order, at most twenty at a time, gzipped when large", async () => {
    const p = await phone();
    for (let i = 0; i < 45; i++) await p.report(`第 ${i} 件`);
    await p.round();
    expect(await waiting(p)).toBe(0);
    const sizes = p.office.calls.filter((c) => c.path === LETTERS).map((c) => (c.json.letters as unknown[]).length);
    expect(sizes).toEqual([20, 20, 5]);
    const order = p.office.order.map((id) => (JSON.parse(p.office.letters.get(id)!.text) as { device_seq: number }).device_seq);
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(p.office.calls.find((c) => c.path === LETTERS)!.headers.get("Content-Encoding")).toBe("gzip");
  });

  it("never more bytes than the office takes", async () => {
    const p = await phone();
    for (let i = 0; i < 20; i++) await p.report("字".repeat(5000));
    await p.round();
    expect(await waiting(p)).toBe(0);
    for (const c of p.office.calls.filter((call) => call.path === LETTERS)) expect(c.bytes.length).toBeLessThanOrEqual(256 * 1024);
    expect(p.office.tricks).toEqual([]);
  });

  it("are halved on 413 until they fit", async () => {
    const p = await phone();
    p.office.most = 2500;
    for (let i = 0; i < 16; i++) await p.report(`第 ${i} 件`);
    await untilDrained(p);
    expect(p.office.letters.size).toBe(16);
    const sizes = p.office.calls.filter((c) => c.path === LETTERS).map((c) => (c.json.letters as unknown[]).length);
    expect(sizes.slice(0, 3)).toEqual([16, 8, 4]);
  });

  it("arrive once when the answer is lost on the way", async () => {
    const p = await phone();
    await p.report();
    let lost = 0;
    p.office.tricks.push((c) => (c.path === LETTERS && lost++ < 3 ? "drop-answer" : null));
    await untilDrained(p);
    expect(p.office.letters.size).toBe(1);
    expect([...p.office.letters.values()][0]!.times).toBe(4);
  });

  it("a letter the office chokes on delays no other", async () => {
    const p = await phone();
    for (let i = 0; i < 10; i++) await p.report(i === 3 ? "毒" : `第 ${i} 件`);
    const poisoned = (c: { json: Record<string, unknown> }) => (c.json.letters as { id: string; text: string }[]).some(({ id, text }) => opened(text, id)?.includes("毒"));
    p.office.tricks.push((c) => (c.path === LETTERS && poisoned(c) ? problem(500, "crash") : null));
    for (let i = 0; i < 12; i++) await p.round();
    expect(p.office.letters.size).toBe(9);
    expect(await waiting(p)).toBe(1);
    p.office.tricks.length = 0;
    await untilDrained(p);
    expect(p.office.letters.size).toBe(10);
  });

  it("a letter to be tried again waits, the others go", async () => {
    const p = await phone();
    p.office.judge = (text) => (text.includes("等等") ? "retry" : "stored");
    await p.report("等等");
    await p.report("甲");
    await p.round();
    expect(await waiting(p)).toBe(1);
    const before = p.office.count(LETTERS);
    await p.sync.kick("person");
    expect(p.office.count(LETTERS)).toBe(before);
    p.office.judge = () => "stored";
    await untilDrained(p);
  });

  it("stay when some guest network answers in the office's place", async () => {
    const p = await phone();
    await p.report();
    p.office.tricks.push(() => new Response("<html>欢迎使用免费网络</html>", { status: 200 }));
    await p.round();
    expect(p.sync.state.last).toBe("unreachable");
    p.office.tricks[0] = () => json(200, { ok: true });
    await p.round();
    expect(await waiting(p)).toBe(1);
  });

  it("wait for a new enrolment after 401, with everything kept", async () => {
    const p = await phone();
    await p.report();
    p.office.credential = "other";
    await p.round();
    expect(p.sync.state.last).toBe("refused");
    const calls = p.office.calls.length;
    await p.round();
    expect(p.office.calls.length).toBe(calls);
    expect(await waiting(p)).toBe(1);
    expect(await enrol(p.box, p.api, "t", "红米")).toBeNull();
    await p.round();
    expect(await waiting(p)).toBe(0);
  });

  it("honour Retry-After even when the person taps", async () => {
    const p = await phone();
    await p.report();
    p.office.tricks.push(() => problem(503, "server.busy", { "Retry-After": "120" }));
    await p.sync.kick("person");
    p.office.tricks.length = 0;
    const calls = p.office.calls.length;
    p.clock.pass(60_000);
    await p.sync.kick("person");
    expect(p.office.calls.length).toBe(calls);
    p.clock.pass(61_000);
    await p.sync.kick("person");
    expect(await waiting(p)).toBe(0);
  });

  it("asked back between two batches: wait as long as the crowded office says, then send the rest once", async () => {
    const p = await phone();
    for (let i = 0; i < 45; i++) await p.report(`第 ${i} 件`);
    let pushes = 0;
    p.office.tricks.push((c) => (c.path === LETTERS && ++pushes === 2 ? problem(503, "server.crowded", { "Retry-After": "40" }) : null));
    await p.sync.kick("timer");
    expect([pushes, p.office.letters.size, await waiting(p)]).toEqual([2, 20, 25]);
    const calls = p.office.calls.length;
    p.clock.pass(39_000);
    await p.sync.kick("timer");
    expect(p.office.calls.length).toBe(calls);
    p.clock.pass(1_000);
    await p.sync.kick("timer");
    expect([pushes, await waiting(p)]).toEqual([4, 0]);
    expect(new Set([...p.office.letters.values()].map((l) => l.times))).toEqual(new Set([1]));
    expect(p.office.letters.size).toBe(45);
  });

  it("do not depend on the date of the phone", async () => {
    const p = await phone();
    await p.report();
    p.office.tricks.push(() => "drop");
    await p.round();
    p.office.tricks.length = 0;
    p.clock.wall -= 400 * 86_400_000;
    p.clock.ticks += 31_000;
    await p.sync.kick("timer");
    expect(await waiting(p)).toBe(0);
  });

  it("two windows send each letter once", async () => {
    const office = new Office();
    const a = await phone(office, "two");
    const b = await phone(office, "two", { request: (_n, holder) => a["sync"]["ports"].locks.request(_n, holder) });
    for (let i = 0; i < 5; i++) await a.report(`第 ${i} 件`);
    await Promise.all([a.sync.kick("person"), b.sync.kick("person")]);
    expect([...office.letters.values()].map((l) => l.times)).toEqual([1, 1, 1, 1, 1]);
  });

  it("send plainly when the office does not take gzip", async () => {
    const p = await phone();
    await p.report("字".repeat(2000));
    p.office.tricks.push((c) => (c.headers.get("Content-Encoding") ? problem(415, "request.bad_encoding") : null));
    await p.round();
    expect(await waiting(p)).toBe(0);
  });

  it("nothing is sent offline", async () => {
    const p = await phone();
    await p.report();
    p.online = false;
    await p.round();
    expect(p.office.calls).toEqual([]);
    expect(p.sync.state.last).toBe("offline");
  });
});

describe("a new epoch", () => {
  it("offers the journal again, in order, and drops the parcels", async () => {
    const p = await phone();
    p.office.parcels.set(GRID, parcel(9));
    for (let i = 0; i < 3; i++) await p.report(`第 ${i} 件`);
    await p.round();
    const first = [...p.office.order];
    const restored = p.office;
    restored.epoch = "epoch-2";
    restored.letters.clear();
    restored.order = [];
    restored.parcels.set(GRID, parcel(2));
    await untilDrained(p);
    expect(restored.order).toEqual(first);
    expect((await p.parcels.parcels.get(GRID))?.version).toBe(2);
    expect((await p.box.journal.toArray()).every((j) => j.epoch === "epoch-2")).toBe(true);
  });

  it("does not show an old card a second time", async () => {
    const p = await phone();
    p.office.judge = () => "held";
    const saved = await p.report();
    await p.round();
    await p.box.trouble.clear();
    p.office.epoch = "epoch-2";
    await untilDrained(p);
    await p.round();
    expect(await p.box.trouble.get(saved.id)).toBeUndefined();
  });
});

describe("parcels down", () => {
  it("come whole, stay when nothing changed, go when no longer mine", async () => {
    const p = await phone();
    p.office.parcels.set(GRID, parcel(1));
    await p.round();
    expect((await p.parcels.all())[0]?.households[0]?.head).toBe("刘永林");
    await p.round();
    expect(p.office.calls.filter((c) => c.path === "/api/phone/parcels").at(-1)!.json).toEqual({ have: { [GRID]: 1 }, mine: 1, catalogue: "c1" });
    p.office.parcels.clear();
    await p.round();
    expect(await p.parcels.parcels.count()).toBe(0);
  });

  it("never go back within an epoch", async () => {
    const p = await phone();
    p.office.parcels.set(GRID, parcel(5));
    await p.round();
    p.office.tricks.push((c) => (c.path === "/api/phone/parcels"
      ? json(200, { epoch: "epoch-1", person: { name: "", roles: [] }, server_time: "", grids: { [GRID]: 4 }, parcels: [parcel(4)], gone: [] }) : null));
    await p.round();
    expect((await p.parcels.parcels.get(GRID))?.version).toBe(5);
  });

  it("no parcel outside what the office calls mine is kept", async () => {
    const p = await phone();
    p.office.tricks.push((c) => (c.path === "/api/phone/parcels"
      ? json(200, { epoch: "epoch-1", person: { name: "", roles: [] }, server_time: "", grids: {}, parcels: [parcel(1)], gone: [] }) : null));
    await p.round();
    expect(await p.parcels.parcels.count()).toBe(0);
  });

  it("a grid no longer named goes, even when the office forgets to say so", async () => {
    const p = await phone();
    p.office.parcels.set(GRID, parcel(1));
    await p.round();
    p.office.tricks.push((c) => (c.path === "/api/phone/parcels"
      ? json(200, { epoch: "epoch-1", person: { name: "", roles: [] }, server_time: "", grids: {}, parcels: [], gone: [] }) : null));
    await p.round();
    expect(await p.parcels.parcels.count()).toBe(0);
  });

  it("a visit just sent counts until a pull has followed", async () => {
    const p = await phone();
    await p.report();
    p.office.tricks.push((c) => (c.path === "/api/phone/parcels" ? "drop" : null));
    await p.round();
    expect(await p.box.journal.where("fresh").equals(1).count()).toBe(1);
    p.office.tricks.length = 0;
    await p.round();
    expect(await p.box.journal.where("fresh").equals(1).count()).toBe(0);
  });

  it("keeps the office's clock", async () => {
    const p = await phone();
    p.clock.wall -= 86_400_000;
    await pull(p);
    expect(await p.parcels.fact("clock_offset")).toBe(86_400_000);
  });
});

describe("pace", () => {
  it("backs off to half a minute and no further, with jitter", () => {
    const clock = new HandClock();
    const pace = new Pace(clock, () => 0);
    const waits: number[] = [];
    for (let i = 0; i < 8; i++) {
      pace.missed();
      waits.push(pace.due());
    }
    expect(waits).toEqual([2000, 4000, 8000, 16000, 30000, 30000, 30000, 30000]);
    const jittered = new Pace(clock, () => 1);
    jittered.missed();
    expect(jittered.due()).toBe(1000);
  });

  it("grows the batch again after success", () => {
    const pace = new Pace(new HandClock());
    pace.halve(20);
    expect(pace.count).toBe(10);
    pace.reached();
    expect(pace.count).toBe(MOST_LETTERS);
  });

  it("an empty outbox has no batch", async () => {
    const p = await phone();
    expect(await nextBatch(p.box, p.sync.pace, p.clock)).toEqual([]);
  });
});

describe("enrolment", () => {
  it.each([["https://x.example/phone/#enrol=ab-c%2Bd", "ab-c+d"], ["#enrol=K7", "K7"], [" K7M2 9QXT ", "K7M29QXT"]])("reads the token in %s", (text, token) => {
    expect(tokenIn(text)).toBe(token);
  });

  it("sends a public key and keeps the private one unreadable", async () => {
    const p = await phone();
    await p.box.facts.delete("credential");
    const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    expect(await enrol(p.box, p.api, "t", "红米 12C")).toBeNull();
    const asked = p.office.calls.at(-1)!.json;
    expect(asked).toMatchObject({ token: "t", device_name: "红米 12C" });
    const spki = Buffer.from(String(asked.public_key), "base64");
    expect(spki.length).toBe(91);
    const keys = await p.box.fact<CryptoKeyPair | null>("device_keys", null);
    expect(keys?.privateKey.extractable).toBe(false);
    warn.mockRestore();
  });
});
