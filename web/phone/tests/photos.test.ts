/** Photos up, against an office that misbehaves. */

import { describe, expect, it } from "vitest";
import { unsentPhotos } from "../src/sync/photos";
import { problem } from "./office";
import { phone, type Phone } from "./phone";

const LETTERS = "/api/phone/letters";

describe("photos up", () => {
  const bytes = new Uint8Array(600 * 1024).map((_, i) => i % 251);

  async function withPhoto(p: Phone, letter?: string): Promise<string> {
    const { sha256OfBytes } = await import("../src/kernel/sha256");
    const hash = await sha256OfBytes(bytes);
    const saved = await p.report();
    await p.box.photos.put({ sha256: hash, letter: letter ?? saved.id, type: "image/jpeg", bytes, made_at: 1 });
    return hash;
  }

  it("go in parts after the words, and count as sent when whole", async () => {
    const p = await phone();
    const hash = await withPhoto(p);
    await p.round();
    expect(Buffer.from(p.office.media.get(hash)!.bytes).equals(bytes)).toBe(true);
    expect(await unsentPhotos(p.box)).toBe(0);
    const paths = p.office.calls.map((c) => `${c.method} ${c.path}`);
    expect(paths.indexOf(`POST ${LETTERS}`)).toBeLessThan(paths.indexOf(`PUT /api/phone/media/${hash}`));
  });

  it("go on where the signal ended", async () => {
    const p = await phone();
    const hash = await withPhoto(p);
    let parts = 0;
    p.office.tricks.push((c) => (c.method === "PUT" && ++parts === 2 ? "drop-answer" : null));
    await p.round();
    expect(await p.box.photos.count()).toBe(1);
    await p.round();
    expect(await unsentPhotos(p.box)).toBe(0);
    expect(Buffer.from(p.office.media.get(hash)!.bytes).equals(bytes)).toBe(true);
    expect(parts).toBe(3);
  });

  it.each(["HEAD", "PUT"])("asked back at a %s: no photo knocks again before the time is over", async (method) => {
    const p = await phone();
    await withPhoto(p);
    const crowded = () => p.office.calls.filter((c) => c.path.includes("media") && c.method === method).length;
    p.office.tricks.push((c) => (c.method === method && c.path.includes("media") ? problem(503, "server.crowded", { "Retry-After": "40" }) : null));
    await p.sync.kick("timer");
    expect([crowded(), p.office.letters.size, p.sync.state.last]).toEqual([1, 1, "unreachable"]);
    p.office.tricks.length = 0;
    p.clock.pass(39_000);
    await p.sync.kick("person");
    expect(crowded()).toBe(1);
    p.clock.pass(1_000);
    await p.sync.kick("timer");
    expect(await unsentPhotos(p.box)).toBe(0);
  });

  it("never hold up words", async () => {
    const p = await phone();
    await withPhoto(p);
    p.office.tricks.push((c) => (c.path.includes("media") ? problem(500, "crash") : null));
    await p.round();
    await p.report("后来的");
    await p.round();
    expect(p.office.letters.size).toBe(2);
    expect(await p.box.photos.count()).toBe(1);
  });

  it("of a draft stay on the phone", async () => {
    const p = await phone();
    await withPhoto(p, "draft");
    await p.round();
    expect(p.office.calls.some((c) => c.path.includes("media"))).toBe(false);
  });

  it("of a letter still waiting stay on the phone", async () => {
    const p = await phone();
    p.office.judge = () => "retry";
    await withPhoto(p);
    await p.round();
    expect(p.office.calls.some((c) => c.path.includes("media"))).toBe(false);
    expect(await p.box.photos.count()).toBe(1);
  });
});
