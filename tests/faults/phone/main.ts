/**
 * One phone without screens, as a process of its own: the app's own outbox, seal and uploader, on disk.
 *
 * Speaks JSON lines. In: {"do": "enrol" | "start" | "save" | "clock" | "quiet" | "tell", …}; out: one line for each
 * letter that a screen would now call 已存本机, and one answer to each "tell".
 */

import { createHash } from "node:crypto";
import { createInterface } from "node:readline";
import { onDisk } from "./disk";
import { sha256OfBytes } from "../../../web/phone/src/kernel/sha256";
import type { Clock } from "../../../web/phone/src/kernel/time";
import { uuid7 } from "../../../web/phone/src/kernel/uuid7";
import { Outbox, type Photo } from "../../../web/phone/src/outbox/db";
import { saveLetter } from "../../../web/phone/src/outbox/save";
import { closePhoto } from "../../../web/phone/src/outbox/sealed_photos";
import { Seal } from "../../../web/phone/src/outbox/seal";
import { Parcels } from "../../../web/phone/src/store/db";
import { createApi } from "../../../web/phone/src/sync/api";
import { enrol } from "../../../web/phone/src/sync/enrol";
import { pageLocks, Sync } from "../../../web/phone/src/sync/loop";

const [, , file, base] = process.argv as [string, string, string, string];
const say = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

let skew = 0;
const clock: Clock = { now: () => Date.now() + skew, tick: () => performance.now() };

await onDisk(file);
const box = new Outbox();
const parcels = new Parcels();
await Promise.all([box.open(), parcels.open()]);
const api = createApi({ fetch, base, credential: () => box.fact<string | null>("credential", null) });
const seal = new Seal(box, parcels.lease);
const sync = new Sync({
  box, parcels, api, seal, clock, locks: pageLocks(), online: () => true,
  setTimer: (action, ms) => setTimeout(action, Math.min(ms, 3_000)), clearTimer: (timer) => clearTimeout(timer as NodeJS.Timeout),
});

interface Asked {
  do: string;
  n?: number;
  token?: string;
  place?: string;
  words?: string;
  photo?: string;
  kind?: string;
  body?: object;
  days?: number;
}

async function save(asked: Asked): Promise<void> {
  const id = uuid7();
  const media: string[] = [];
  if (asked.photo) {
    const bytes = new Uint8Array(Buffer.from(asked.photo, "base64"));
    const hash = await sha256OfBytes(bytes);
    const photo = { sha256: hash, letter: id, type: "image/jpeg", bytes, made_at: clock.now() };
    await box.photos.put(await closePhoto(box, seal, photo, null));
    media.push(hash);
  }
  const body = asked.body ?? { category: "environment", words: asked.words, visibility: "ordinary" };
  try {
    const saved = await saveLetter(box, seal, { id, kind: asked.kind ?? "matter.report/1", place: asked.place!, body, media }, clock);
    say({ saved: saved.id, seq: saved.seq, sha256: saved.said, media, n: asked.n });
    void sync.kick("saved");
  } catch (error) {
    say({ failed: id, why: String((error as Error).message), n: asked.n });
  }
}

async function tell(n: number | undefined): Promise<void> {
  const journal = await box.journal.toArray();
  say({
    told: n,
    waiting: (await box.waiting.toArray()).map((l) => [l.id, l.sha256]),
    journal: journal.map((j) => [j.id, j.sha256, j.outcome, j.epoch]),
    trouble: (await box.trouble.toArray()).map((t) => [t.id, t.outcome]),
    photos: (await box.photos.toArray()).map((p) => [p.sha256, p.letter, p.sent ? 1 : 0, isWhole(p) ? p.sha256 : ""]),
    parcels: await parcels.all(),
    epoch: await box.fact("epoch", null),
    pulled: await parcels.fact("epoch"),
    refused: await box.fact("refused", false),
    seq: await box.fact("seq", 0),
    busy: sync.state.busy,
    last: sync.state.last,
  });
}

/** Its bytes are those that were written, sealed or open. */
function isWhole(photo: Photo): boolean {
  return createHash("sha256").update(photo.bytes).digest("hex") === (photo.sum ?? photo.sha256);
}

let chain = Promise.resolve();
createInterface({ input: process.stdin }).on("line", (line) => {
  const asked = JSON.parse(line) as Asked;
  if (asked.do === "clock") skew = (asked.days ?? 0) * 86_400_000;
  else if (asked.do === "kick") { sync.pace.freshStart(); void sync.kick("online"); }
  else if (asked.do === "tell") void tell(asked.n);
  else if (asked.do === "save") chain = chain.then(() => save(asked));
  else if (asked.do === "enrol") chain = chain.then(async () => say({ enrolled: (await enrol(box, api, asked.token!, "手机")) ?? true, n: asked.n }));
}).on("close", () => process.exit(0));
say({ up: true, refused: await box.fact("refused", false), waiting: await box.waiting.count() });
void sync.kick("start");
