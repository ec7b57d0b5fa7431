/** Saving a letter: written, read back, compared; only then may a screen say 已存本机. */

import { wrong } from "../letters";
import { sha256 } from "../kernel/sha256";
import { moment, type Clock } from "../kernel/time";
import type { Outbox, Waiting } from "./db";
import { StorageFull, withRoom } from "./room";

export interface NewLetter {
  id: string;
  kind: string;
  place: string;
  body: object;
  media?: string[];
}

export interface Saved {
  id: string;
  seq: number;
  sha256: string;
}

/** Why a letter could not be saved: `wrong` a field, `full` storage, `unreadable` what was read back differs. */
export class NotSaved extends Error {
  constructor(readonly code: "wrong" | "full" | "unreadable", readonly detail = "") {
    super(`letter not saved: ${code} ${detail}`);
  }
}

/**
 * Save a letter and prove it: the row is read back in a new transaction and its text hashed again.
 * Saving the same id twice gives the first letter. Throws NotSaved; the draft is then still there.
 */
export async function saveLetter(box: Outbox, letter: NewLetter, clock: Clock): Promise<Saved> {
  const field = wrong(JSON.parse(textOf(letter, 0, clock)));
  if (field) throw new NotSaved("wrong", field);
  const row = await writeMakingRoom(box, letter, clock);
  for (let attempt = 0; attempt < 2; attempt++) {
    const back = await box.waiting.get(letter.id);
    const proven = back ? back.text === row.text && sha256(back.text) === row.sha256 : await isSent(box, letter.id);
    if (proven) {
      await box.drafts.delete(letter.id).catch(() => undefined);
      return { id: row.id, seq: row.seq, sha256: row.sha256 };
    }
    await box.waiting.put(row);
  }
  throw new NotSaved("unreadable");
}

async function writeMakingRoom(box: Outbox, letter: NewLetter, clock: Clock): Promise<Waiting> {
  try {
    return await withRoom(box, () => write(box, letter, clock));
  } catch (error) {
    throw error instanceof StorageFull ? new NotSaved("full") : error;
  }
}

/** One transaction: the next number and the letter. Numbers have no gaps when it fails. */
async function write(box: Outbox, letter: NewLetter, clock: Clock): Promise<Waiting> {
  return box.transaction("rw", [box.waiting, box.journal, box.facts], async () => {
    const already = (await box.waiting.get(letter.id)) ?? (await box.journal.get(letter.id));
    if (already) return { text: "", ...already };
    const seq = (await box.fact("seq", 0)) + 1;
    const text = textOf(letter, seq, clock);
    const row: Waiting = {
      id: letter.id, seq, kind: letter.kind, sha256: sha256(text), text,
      media: [...(letter.media ?? [])], saved_at: clock.now(),
    };
    await box.facts.put({ name: "seq", value: seq });
    await box.waiting.add(row);
    return row;
  });
}

async function isSent(box: Outbox, id: string): Promise<boolean> {
  return (await box.journal.get(id)) !== undefined;
}

function textOf(letter: NewLetter, seq: number, clock: Clock): string {
  return JSON.stringify({
    kind: letter.kind,
    device_seq: seq,
    captured_at: moment(clock.now()),
    place: letter.place,
    body: letter.body,
  });
}
