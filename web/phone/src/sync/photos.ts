/** Photos up: after the words, in parts, going on where the last signal ended. */

import { sha256OfBytes } from "../kernel/sha256";
import type { Outbox, Photo } from "../outbox/db";
import type { Api, Answer } from "./api";
import type { Pace } from "./pace";

export interface PhotoPorts {
  box: Outbox;
  api: Api;
  pace: Pace;
}

export const PART = 256 * 1024;
/** Why the office leaves a photo with the phone until somebody does something. */
const STUCK = ["media.key_gone", "media.of_another"] as const;
type Stuck = (typeof STUCK)[number];
const isStuck = (said: unknown): said is Stuck => STUCK.includes(said as Stuck);

/** Photos not yet sent whose letter is no longer waiting and no longer a draft: those that may go now. */
export async function photosToSend(box: Outbox): Promise<Photo[]> {
  const ready: Photo[] = [];
  for (const photo of await box.photos.toArray()) {
    if (photo.sent || (await box.waiting.get(photo.letter))) continue;
    if (await box.journal.get(photo.letter)) ready.push(photo);
  }
  return ready;
}

/** How many photos are still to leave this phone, those of drafts included. */
export async function unsentPhotos(box: Outbox): Promise<number> {
  return box.photos.filter((photo) => !photo.sent).count();
}

/** Send what may go. A photo counts as sent only when the office says that its own hash fits; it then stays until
 * the office's backups hold it. `unreachable`: the office asked for quiet, and gets it from all photos. */
export async function sendPhotos({ box, api, pace }: PhotoPorts): Promise<"done" | "later" | "unreachable" | "refused"> {
  let later = false;
  for (const photo of await photosToSend(box)) {
    if (pace.isDelayed(photo.sha256)) {
      later = true;
      continue;
    }
    const end = await sendPhoto(photo, api);
    if (isStuck(end)) {
      // Not sent over and over, only to hear the same.
      await box.photos.update(photo.sha256, { stuck: end });
      pace.setAside(photo.sha256);
      later = true;
    } else if (end === "whole") {
      const epoch = await box.fact<string | null>("epoch", null);
      if (epoch === null) await box.photos.delete(photo.sha256);
      else await box.photos.update(photo.sha256, { sent: { epoch, mark: null } });
      pace.settled(photo.sha256);
    } else if (end === "refused") {
      await box.setFact("refused", true);
      return "refused";
    } else if (end !== "later") {
      pace.missed(end);
      return "unreachable";
    } else {
      pace.delay(photo.sha256);
      later = true;
    }
  }
  return later ? "later" : "done";
}

/** What became of a photo; a number is how many milliseconds of quiet the office asked for. */
async function sendPhoto(photo: Photo, api: Api): Promise<"whole" | "later" | "refused" | Stuck | number> {
  const total = photo.bytes.byteLength;
  if ((await sha256OfBytes(photo.bytes)) !== (photo.sum ?? photo.sha256)) return "later";
  const state = await api.mediaState(photo.sha256);
  if (!state.ok && state.status === 401) return "refused";
  if (!state.ok && state.status !== 404) return state.wait || "later";
  if (state.ok && state.headers.get("Upload-Complete") === "?1") return "whole";
  let at = state.ok ? Number(state.headers.get("Upload-Offset") ?? 0) : 0;
  if (!Number.isSafeInteger(at) || at < 0 || at >= total) at = 0;
  for (let guard = 0; guard < 2 * Math.ceil(total / PART) + 4; guard++) {
    const part = photo.bytes.slice(at, at + PART);
    const answer = await api.mediaPart(photo.sha256, part, at, total, photo.type);
    if (answer.ok && answer.body?.media_ok === true) return "whole";
    if (!answer.ok && answer.status === 401) return "refused";
    if (!answer.ok && answer.wait) return answer.wait;
    if (!answer.ok && isStuck(answer.code)) return answer.code;
    const received = receivedOf(answer);
    if (received === null || received > total || (answer.ok && received <= at)) return "later";
    if (!answer.ok && received === at) return "later";
    at = received === total ? 0 : received;
  }
  return "later";
}

/** How many bytes the office has, from a 202, or from a 409 that says where to go on. */
function receivedOf(answer: Answer<{ received?: number }>): number | null {
  const said = answer.ok ? answer.body?.received : answer.status === 409 ? answer.body.received : undefined;
  return typeof said === "number" && Number.isSafeInteger(said) && said >= 0 ? said : null;
}
