/** A small office in memory that keeps to the contract; tests break it on purpose. Not shipped. */

import { createDecipheriv, createHash, createPublicKey, diffieHellman, generateKeyPairSync, hkdfSync, verify, type KeyObject } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { sha256 } from "../src/kernel/sha256";
import type { LetterResult } from "../src/outbox/settle";
import type { Catalogue, Matter, Parcel } from "../src/store/types";

interface Asked {
  method: string;
  path: string;
  json: Record<string, unknown>;
  bytes: Uint8Array;
  headers: Headers;
}

const PAIR = generateKeyPairSync("ec", { namedCurve: "prime256v1" });

type Signs = Record<"format" | "writer" | "sender" | "nonce", string>;

/** What a phone sealed, as the office opens it (kernel/exchange.py); null: nothing. */
function within({ format, writer, ...signs }: Signs, data: Buffer, id: string, secret: KeyObject): Buffer | null {
  const [sender, nonce] = [signs.sender, signs.nonce].map((part) => Buffer.from(part, "base64")) as [Buffer, Buffer];
  const publicKey = createPublicKey({ key: sender, format: "der", type: "spki" });
  const shared = diffieHellman({ privateKey: secret, publicKey });
  const key = Buffer.from(hkdfSync("sha256", shared, Buffer.alloc(0), `${format}\n${writer}\n${id}`, 32));
  const cipher = createDecipheriv("aes-256-gcm", key, nonce);
  cipher.setAuthTag(data.subarray(-16));
  try {
    return Buffer.concat([cipher.update(data.subarray(0, -16)), cipher.final()]);
  } catch {
    return null;
  }
}

/** What stands in an envelope of a form (letters/actions/opening.py); a text that is none as it is; null: nothing. */
export function opened(text: string, id: string, secret: KeyObject = PAIR.privateKey, format = "lianhu-letter/1"): string | null {
  if (!text.startsWith(`{"format":"${format}"`)) return text;
  const outer = JSON.parse(text) as Signs & { data: string };
  return within(outer, Buffer.from(outer.data, "base64"), id, secret)?.toString() ?? null;
}

/** The picture in what a phone sent (media/actions.py), and in whose name and to which key it was sealed. */
export function openedPhoto(bytes: Uint8Array, sha256: string): { writer?: string; version?: number; picture: Uint8Array | null } {
  const all = Buffer.from(bytes);
  const end = all.indexOf("\n");
  if (!all.toString("latin1", 0, 40).startsWith('{"format":"lianhu-photo/1"')) return { picture: bytes };
  const outer = JSON.parse(all.toString("utf8", 0, end)) as Signs & { version: number };
  return { writer: outer.writer, version: outer.version, picture: within(outer, all.subarray(end + 1), sha256, PAIR.privateKey) };
}

type Trick = (asked: Asked) => Response | "drop" | "drop-answer" | null;

export class Office {
  epoch = "epoch-1";
  mark = 1;
  covered = 0;
  pin = false;
  leaseHours: number | undefined = undefined;
  credential = "good";
  /** To whom phones seal; a letter sealed to another version is left with them. */
  rescue = { version: 1, key: PAIR.publicKey.export({ format: "der", type: "spki" }).toString("base64"), writer: "w-1" };
  letters = new Map<string, { sha256: string; text: string; outcome: LetterResult["outcome"]; times: number }>();
  order: string[] = [];
  media = new Map<string, { total: number; bytes: Uint8Array }>();
  parcels = new Map<string, Parcel>();
  mine: { version: number; matters: Matter[] } = { version: 1, matters: [] };
  catalogue: Catalogue = { etag: "c1", categories: [], duties: [], calendar: { off: [], on: [], until: "" }, policies: [], words: {}, offices: {} };
  judge: (text: string) => LetterResult["outcome"] = () => "stored";
  tricks: Trick[] = [];
  calls: Asked[] = [];
  most = 256 * 1024;

  /** Stands in for the browser's fetch. */
  readonly fetch = (async (input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> => {
    const asked = await read(String(input), init);
    this.calls.push(asked);
    for (const trick of this.tricks) {
      const done = trick(asked);
      if (done === "drop") throw new TypeError("network");
      if (done === "drop-answer") {
        this.answer(asked);
        throw new TypeError("network");
      }
      if (done) return done;
    }
    return this.answer(asked);
  }) as typeof fetch;

  count(path: string): number {
    return this.calls.filter((c) => c.path === path).length;
  }

  /** The digits that the desk has to confirm; empty where it need not. */
  confirm = "";
  /** The key that signed, its phone's next credential as a hash, and how many were taken in all. */
  key = "";
  next = "";
  renewals = 0;
  due = false;
  ended = false;

  private answer(asked: Asked): Response {
    if (asked.path === "/api/phone/enrol") {
      this.key = String(asked.json.public_key ?? "");
      return json(200, { device_id: "d-1", credential: this.credential, ...(this.confirm ? { confirm: this.confirm } : {}) });
    }
    const bearer = (asked.headers.get("Authorization") ?? "").replace("Bearer ", "");
    if (asked.path === "/api/phone/challenge") return json(200, { challenge: "c-1" });
    if (asked.path === "/api/phone/credential") return this.renew(asked, bearer);
    if (!this.ended && this.next && sha256(bearer) === this.next) [this.credential, this.next] = [bearer, ""];
    if (asked.path === "/api/phone/enrolment") return bearer === this.credential && !this.ended ? json(200, { confirmed: !this.confirm }) : problem(401, "device.unknown");
    if (this.confirm) return problem(403, "device.unconfirmed");
    if (this.ended) return problem(401, "device.unknown");
    if (asked.headers.get("Authorization") !== `Bearer ${this.credential}`) return problem(401, "device.unknown");
    if (asked.path === "/api/phone/half") {
      const { id, text } = asked.json as { id: string; text: string };
      const { writer, version } = JSON.parse(text) as { writer: string; version: number };
      if (writer !== this.rescue.writer) return problem(403, "sealed.of_another");
      if (version !== this.rescue.version) return problem(422, "sealed.key_gone");
      const secret = opened(text, id, PAIR.privateKey, "lianhu-pair/1");
      return secret === null ? problem(422, "sealed.unreadable") : json(200, { text: secret });
    }
    if (asked.path === "/api/phone/me") {
      return json(200, { epoch: this.epoch, person: PERSON, grids: this.versions(), server_time: NOW, min_schema: 1, mine: 1, rescue: this.rescue, places: {}, demo: true, ...(this.leaseHours ? { lease_hours: this.leaseHours } : {}) });
    }
    if (asked.path === "/api/phone/parcels") return this.pull(asked);
    if (asked.path === "/api/phone/letters") return this.receive(asked);
    const media = /^\/api\/phone\/media\/([0-9a-f]{64})$/.exec(asked.path);
    return media ? this.receiveMedia(asked, media[1]!) : problem(404, "request.no_such_path");
  }

  private renew(asked: Asked, bearer: string): Response {
    const { next, proof, public_key } = asked.json as Record<string, string>;
    if (this.ended || (public_key && bearer !== this.credential)) return problem(401, "device.unknown");
    const key = createPublicKey({ key: Buffer.from(public_key ?? this.key, "base64"), format: "der", type: "spki" });
    const text = `lianhu credential/1\nd-1\nc-1\n${next}`;
    if (!verify("sha256", Buffer.from(text), { key, dsaEncoding: "ieee-p1363" }, Buffer.from(proof!, "base64"))) return problem(403, "device.bad_proof");
    this.key = public_key ?? this.key;
    if (next !== sha256(this.credential)) this.next = next!;
    this.renewals++;
    this.due = false;
    return json(200, { taken: next });
  }

  private versions(): Record<string, number> {
    return Object.fromEntries([...this.parcels].map(([grid, p]) => [grid, p.version]));
  }

  private pull(asked: Asked): Response {
    const have = asked.json.have as Record<string, number>;
    return json(200, {
      epoch: this.epoch, mark: this.mark, covered: this.covered, ...(this.leaseHours ? { lease_hours: this.leaseHours } : {}), person: PERSON, pin: this.pin, renew: this.due, server_time: NOW, grids: this.versions(),
      parcels: [...this.parcels.values()].filter((p) => have[p.grid] !== p.version),
      gone: Object.keys(have).filter((grid) => !this.parcels.has(grid)),
      ...(asked.json.mine !== this.mine.version ? { mine: this.mine } : {}),
      ...(asked.json.catalogue !== this.catalogue.etag ? { catalogue: this.catalogue } : {}),
    });
  }

  private receive(asked: Asked): Response {
    const batch = asked.json.letters as { id: string; sha256: string; text: string }[];
    if (batch.length > 20 || asked.bytes.length > this.most) return problem(413, "letters.too_many");
    return json(200, { epoch: this.epoch, mark: this.mark, results: batch.map((letter): LetterResult => {
      const { id } = letter;
      if (sha256(letter.text) !== letter.sha256) return { id, sha256: letter.sha256, outcome: "retry", code: "letter.bad_hash" };
      const outer = JSON.parse(letter.text) as { version?: number; writer?: string };
      if (outer.writer !== undefined && outer.writer !== this.rescue.writer) return { id, sha256: letter.sha256, outcome: "retry", code: "letter.of_another" };
      if (outer.version !== undefined && outer.version !== this.rescue.version) return { id, sha256: letter.sha256, outcome: "retry", code: "letter.key_gone" };
      const text = opened(letter.text, id) ?? letter.text;
      const earlier = this.letters.get(id);
      if (earlier) {
        earlier.times++;
        return { id, sha256: letter.sha256, outcome: earlier.text === text ? earlier.outcome : "quarantined" };
      }
      const outcome = this.judge(text);
      if (outcome !== "retry") {
        this.letters.set(id, { sha256: sha256(text), text, outcome, times: 1 });
        this.order.push(id);
      }
      return { id, sha256: letter.sha256, outcome, ...(outcome === "stored" ? { ref: `R-${this.letters.size}` } : { code: "some.code" }) };
    }) });
  }

  private receiveMedia(asked: Asked, hash: string): Response {
    const held = this.media.get(hash);
    if (asked.method === "HEAD") {
      if (!held) return new Response(null, { status: 404 });
      const whole = held.bytes.length === held.total;
      return new Response(null, { status: 200, headers: { "Upload-Offset": String(held.bytes.length), ...(whole ? { "Upload-Complete": "?1" } : {}) } });
    }
    const [, first, last, total] = /bytes (\d+)-(\d+)\/(\d+)/.exec(asked.headers.get("Content-Range") ?? "")!.map(Number);
    const there = held?.bytes ?? new Uint8Array();
    if (first !== there.length) return json(409, { code: "media.gap", received: there.length });
    const bytes = new Uint8Array(Buffer.concat([there, asked.bytes]));
    if (last! - first! + 1 !== asked.bytes.length) return problem(400, "media.bad_range");
    this.media.set(hash, { total: total!, bytes });
    if (bytes.length !== total) return json(202, { received: bytes.length });
    const { writer, version, picture } = openedPhoto(bytes, hash);
    const wrong = writer !== undefined && writer !== this.rescue.writer ? "media.of_another"
      : version !== undefined && version !== this.rescue.version ? "media.key_gone"
      : picture === null || createHash("sha256").update(picture).digest("hex") !== hash ? "media.bad_hash" : null;
    if (!wrong) {
      this.media.set(hash, { total: picture!.length, bytes: picture! });
      return json(201, { media_ok: true });
    }
    this.media.delete(hash);
    return problem(wrong === "media.of_another" ? 403 : 422, wrong);
  }
}

export const NOW = "2026-11-23T09:41:00+08:00";
const PERSON = { name: "王秀珍", roles: ["warden"] };

export function json(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json", ...headers } });
}

export function problem(status: number, code: string, headers: Record<string, string> = {}): Response {
  return json(status, { type: "about:blank", title: code, status, code }, headers);
}

async function read(input: string, init: RequestInit): Promise<Asked> {
  const headers = new Headers(init.headers);
  let bytes = new Uint8Array(init.body ? await new Response(init.body).arrayBuffer() : new ArrayBuffer(0));
  if (headers.get("Content-Encoding") === "gzip") bytes = new Uint8Array(gunzipSync(bytes));
  const isJson = headers.get("Content-Type") === "application/json";
  return { method: init.method ?? "GET", path: input, headers, bytes, json: isJson ? JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown> : {} };
}
