/** Waiting for the desk; new credentials, whatever is lost on the way; an office set back, and a phone that was ended. */

import { describe, expect, it } from "vitest";
import { askConfirmed, dropPending, enrol, type Pending } from "../src/sync/enrol";
import { makeKeys, publicKeyOf } from "../src/sync/key";
import { renew } from "../src/sync/renew";
import { problem } from "./office";
import { GRID, parcel, phone, type Phone } from "./phone";

const RENEW = "/api/phone/credential";
const credential = (p: Phone) => p.box.fact<string | null>("credential", null);

async function enrolled(): Promise<Phone> {
  const p = await phone();
  expect(await enrol(p.box, p.api, "t", "红米")).toBeNull();
  return p;
}

describe("waiting for the desk", () => {
  it("shows digits, keeps what was before, and is in once they were confirmed", async () => {
    const p = await phone();
    p.office.credential = "new";
    p.office.confirm = "4821";
    expect(await enrol(p.box, p.api, "t", "红米")).toBeNull();
    expect(await credential(p)).toBe("good");
    expect((await p.box.fact<Pending | null>("pending", null))?.confirm).toBe("4821");
    expect(await askConfirmed(p.box, p.api)).toBe("waits");
    p.office.tricks.push(() => "drop");
    expect(await askConfirmed(p.box, p.api)).toBe("unreachable");
    p.office.tricks.length = 0;
    p.office.confirm = "";
    expect(await askConfirmed(p.box, p.api)).toBe("in");
    expect([await credential(p), await p.box.fact("key_known", false), await p.box.facts.get("pending")]).toEqual(["new", true, undefined]);
    expect(await askConfirmed(p.box, p.api)).toBe("none");
  });

  it("is over when the desk refused it", async () => {
    const p = await phone();
    p.office.confirm = "4821";
    await enrol(p.box, p.api, "t", "红米");
    p.office.ended = true;
    expect(await askConfirmed(p.box, p.api)).toBe("out");
    expect([await credential(p), await p.box.facts.get("pending")]).toEqual(["good", undefined]);
  });

  it("goes on after the phone was killed, without its screen", async () => {
    const p = await phone(undefined, "killed-waiting");
    p.office.credential = "new";
    p.office.confirm = "4821";
    await enrol(p.box, p.api, "t", "红米");
    p.box.close();
    const again = await phone(p.office, "killed-waiting");
    p.office.confirm = "";
    await again.report();
    await again.round();
    expect([await credential(again), await again.box.waiting.count(), again.sync.state.last]).toEqual(["new", 0, "done"]);
  });

  it("another code may be read instead; an answer to the first one changes nothing then", async () => {
    const p = await phone();
    p.office.confirm = "4821";
    await enrol(p.box, p.api, "t", "红米");
    await dropPending(p.box, await p.box.fact<Pending>("pending", null as never));
    expect(await askConfirmed(p.box, p.api)).toBe("none");
  });
});

describe("this phone's key", () => {
  it("signs, is written down before the office hears of it, and cannot be read out", async () => {
    const p = await enrolled();
    const sent = p.office.calls[0]!.json;
    const keys = await p.box.fact<CryptoKeyPair>("device_keys", null as never);
    expect(await publicKeyOf(keys)).toBe(sent.public_key);
    expect([keys.privateKey.extractable, keys.privateKey.usages]).toEqual([false, ["sign"]]);
    expect(typeof sent.proof).toBe("string");
  });
});

describe("a new credential", () => {
  it("is taken when the office asks, used from then on, and no old one ever again", async () => {
    const p = await enrolled();
    p.office.due = true;
    await p.round();
    const next = await credential(p);
    expect([p.office.renewals, next !== "good", await p.box.facts.get("next_credential")]).toEqual([1, true, undefined]);
    await p.report();
    await p.round();
    expect([p.office.credential, await p.box.waiting.count()]).toEqual([next, 0]);
    const from = p.office.calls.findIndex((c) => c.path === RENEW);
    expect(p.office.calls.slice(from + 1).every((c) => c.headers.get("Authorization") !== "Bearer good")).toBe(true);
    expect(p.office.calls.every((c) => !new TextDecoder().decode(c.bytes).includes(next!))).toBe(true);
  });

  it.each(["drop", "drop-answer"] as const)("is offered again when something is lost (%s), the same one", async (lost) => {
    const p = await enrolled();
    p.office.due = true;
    p.office.tricks.push((c) => (c.path === RENEW ? lost : null));
    await p.round();
    const next = await p.box.fact<string | null>("next_credential", null);
    expect([await credential(p), next !== null]).toEqual(["good", true]);
    await p.report();
    p.office.due = true;
    p.office.tricks.length = 0;
    await p.round();
    expect([await p.box.waiting.count(), await credential(p)]).toEqual([0, next]);
    await p.round();
    expect(p.office.credential).toBe(next);
  });

  it("survives the phone being killed before and after the office took it", async () => {
    const p = await phone(undefined, "killed-renewing");
    await enrol(p.box, p.api, "t", "红米");
    p.office.tricks.push((c) => (c.path === RENEW ? "drop-answer" : null));
    expect(await renew(p)).toBe("later");
    p.box.close();
    p.office.tricks.length = 0;
    const again = await phone(p.office, "killed-renewing");
    expect(await renew(again)).toBe("taken");
    again.box.close();
    const third = await phone(p.office, "killed-renewing");
    await third.round();
    expect([third.sync.state.last, p.office.credential]).toEqual(["done", await credential(third)]);
  });

  it("that the office will not have is given up, and another made next time", async () => {
    const p = await enrolled();
    p.office.tricks.push((c) => (c.path === RENEW ? problem(403, "device.bad_proof") : null));
    expect(await renew(p)).toBe("later");
    expect([await p.box.facts.get("next_credential"), await credential(p)]).toEqual([undefined, "good"]);
    p.office.tricks.length = 0;
    expect(await renew(p)).toBe("taken");
  });

  it("a phone of before brings a key that signs first, and changes nothing else with it", async () => {
    const p = await phone();
    const old = await crypto.subtle.generateKey({ name: "ECDH", namedCurve: "P-256" }, false, ["deriveBits"]);
    await p.box.setFact("device_keys", old);
    await p.box.setFact("device_id", "d-1");
    p.office.due = true;
    await p.round();
    expect([p.office.renewals, await credential(p), p.office.next, await p.box.fact("key_known", false)]).toEqual([1, "good", "", true]);
    p.office.due = true;
    await p.round();
    expect(await credential(p)).not.toBe("good");
    expect((await makeKeys())!.privateKey.extractable).toBe(false);
  });
});

describe("an office that does not know the credential", () => {
  it("because it was set back: the key lets the phone in again, its copy and its letters with it", async () => {
    const p = await enrolled();
    p.office.parcels.set(GRID, parcel(1));
    await p.round();
    expect(await renew(p)).toBe("taken");
    await p.round();
    p.office.credential = "good"; // as the backup has it
    await p.report();
    await p.round();
    expect([p.sync.state.last, await p.box.waiting.count(), await p.box.fact("refused", false)]).toEqual(["done", 0, false]);
    expect(p.office.credential).toBe(await credential(p));
    expect(await p.parcels.all()).toHaveLength(1);
  });

  it("and is lost on the way back: nothing is given back, and it is tried again", async () => {
    const p = await enrolled();
    p.office.parcels.set(GRID, parcel(1));
    await p.round();
    p.office.credential = "other";
    p.office.tricks.push((c) => (c.path === RENEW ? "drop" : null));
    await p.round();
    expect([p.sync.state.last, await p.box.fact("refused", false), (await p.parcels.all()).length]).toEqual(["unreachable", false, 1]);
    p.office.tricks.length = 0;
    await p.round();
    expect(p.sync.state.last).toBe("done");
  });

  it("because it ended the phone: the copy goes, the letters stay, and it is asked once", async () => {
    const p = await enrolled();
    p.office.parcels.set(GRID, parcel(1));
    await p.round();
    await p.report();
    p.office.ended = true;
    await p.round();
    expect([p.sync.state.last, await p.parcels.all(), await p.box.waiting.count()]).toEqual(["refused", [], 1]);
    const calls = p.office.calls.length;
    await p.round();
    expect(p.office.calls.length).toBe(calls);
    p.office.ended = false;
    expect(await enrol(p.box, p.api, "t", "红米")).toBeNull();
    await p.round();
    expect(await p.box.waiting.count()).toBe(0);
  });
});
