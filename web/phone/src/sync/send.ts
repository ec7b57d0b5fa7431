/** Letters up: in order, in batches, one bad letter never holding up another. */

import { sha256 } from "../kernel/sha256";
import type { Clock } from "../kernel/time";
import type { Outbox, Waiting } from "../outbox/db";
import type { Seal } from "../outbox/seal";
import { setAside, settle, turnEpoch } from "../outbox/settle";
import { lettersBody, type Api, type Failure, type LettersAnswer } from "./api";
import { MOST_BYTES, type Pace } from "./pace";

export interface SendPorts {
  box: Outbox;
  api: Api;
  seal: Seal;
  clock: Clock;
  pace: Pace;
}

/** `drained`: nothing is waiting; `later`: some letters wait their turn; the others: the round is over for now. */
export type SendEnd = "drained" | "later" | "unreachable" | "refused";

/** After this many letters in a row that the office chokes on alone, it is the office, not the letters. */
const CHOKED = 3;
/** Why the office leaves a letter with the phone until somebody does something. */
const STUCK = ["letter.key_gone", "letter.of_another"];

export async function sendLetters(ports: SendPorts): Promise<SendEnd> {
  const { box, api, clock, pace } = ports;
  let choked = 0;
  for (;;) {
    const batch = await nextBatch(box, pace, clock);
    if (batch.length === 0) return (await box.waiting.count()) === 0 ? "drained" : "later";
    const answer = await api.letters(batch);
    if (answer.ok && isAnswer(answer.body)) {
      choked = 0;
      pace.reached();
      await take(ports, batch, answer.body);
      continue;
    }
    const what = answer.ok ? "pause" : blame(answer);
    if (what === "refused") {
      await box.setFact("refused", true);
      return "refused";
    }
    if (what === "pause") {
      pace.missed(answer.ok ? 0 : answer.wait);
      return "unreachable";
    }
    if (batch.length > 1) {
      pace.halve(batch.length);
      continue;
    }
    pace.delay(batch[0]!.id);
    if (what === "choked" && ++choked >= CHOKED) {
      pace.missed();
      return "unreachable";
    }
  }
}

/** The oldest letters that are not waiting their turn, as many as one request may carry. */
export async function nextBatch(box: Outbox, pace: Pace, clock: Clock): Promise<Waiting[]> {
  const batch: Waiting[] = [];
  let bytes = 0;
  for (const letter of await box.waiting.orderBy("seq").toArray()) {
    if (batch.length >= pace.count) break;
    if (pace.isDelayed(letter.id)) continue;
    if (sha256(letter.text) !== letter.sha256) {
      await setAside(box, letter, clock);
      continue;
    }
    const size = new TextEncoder().encode(JSON.stringify(lettersBody([letter]))).length;
    if (batch.length > 0 && bytes + size > MOST_BYTES) break;
    batch.push(letter);
    bytes += size;
  }
  return batch;
}

async function take(ports: SendPorts, batch: Waiting[], answer: LettersAnswer): Promise<void> {
  const { box, seal, clock, pace } = ports;
  const staying = new Set(await settle(box, seal, batch, answer.results, answer.epoch, clock, answer.mark ?? null));
  for (const letter of batch) {
    if (staying.has(letter.id)) pace.delay(letter.id);
    else pace.settled(letter.id);
  }
  for (const { id, outcome, code } of answer.results) {
    if (outcome !== "retry" || !staying.has(id)) continue;
    // Only here is it known that the office's key has changed; words that cannot be shown now wait for that.
    if (code === "letter.key_gone") await seal.anew(id);
    if (code && STUCK.includes(code)) await box.waiting.update(id, { stuck: code });
  }
  if (staying.size < batch.length) await box.setFact("delivered_at", clock.now());
  await turnEpoch(box, answer.epoch);
}

/** Whose fault is it: `size` too much at once, `choked` perhaps one letter, `pause` the road, `refused` this device. */
function blame(failed: Failure): "size" | "choked" | "pause" | "refused" {
  if (failed.status === 401) return "refused";
  if (failed.status === 413) return "size";
  if ([0, 403, 404, 408, 425, 429, 502, 503, 504].includes(failed.status)) return "pause";
  return "choked";
}

function isAnswer(body: unknown): body is LettersAnswer {
  const b = body as LettersAnswer | null;
  return typeof b?.epoch === "string" && b.epoch !== "" && Array.isArray(b.results);
}
