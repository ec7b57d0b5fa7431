/** Saving a letter: written, read back, compared; only then may a screen say 已存本机. */

import { wrong } from "../letters";
import { sha256 } from "../kernel/sha256";
import { moment, type Clock } from "../kernel/time";
import type { Outbox, Waiting } from "./db";
import { StorageFull, withRoom } from "./room";
import type { Seal } from "./seal";

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
  /** As it is sent. */
  sha256: string;
  /** Of the letter itself, as the office will know it; null where it was saved before and cannot be shown. */
  said: string | null;
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
export async function saveLetter(box: Outbox, seal: Seal, letter: NewLetter, clock: Clock): Promise<Saved> {
  const field = wrong(JSON.parse(textOf(letter, 0, clock)));
  if (field) throw new NotSaved("wrong", field);
  const row = await writeMakingRoom(box, seal, letter, clock);
  for (let attempt = 0; attempt < 2; attempt++) {
    const back = await box.waiting.get(letter.id);
    const proven = back ? back.text === row.text && sha256(back.text) === row.sha256 : await isSent(box, letter.id);
    if (proven) {
      await box.drafts.delete(letter.id).catch(() => undefined);
      return { id: row.id, seq: row.seq, sha256: row.sha256, said: row.said };
    }
    const { said: _, ...again } = row;
    await box.waiting.put(again);
  }
  throw new NotSaved("unreadable");
}

type Written = Waiting & { said: string | null };

async function writeMakingRoom(box: Outbox, seal: Seal, letter: NewLetter, clock: Clock): Promise<Written> {
  try {
    return await withRoom(box, () => write(box, seal, letter, clock));
  } catch (error) {
    throw error instanceof StorageFull ? new NotSaved("full") : error;
  }
}

/** One transaction: the next number and the letter. Numbers have no gaps when it fails. It is sealed before, since a
 * transaction does not wait for cryptography; when another letter took the number meanwhile, once more. */
async function write(box: Outbox, seal: Seal, letter: NewLetter, clock: Clock): Promise<Written> {
  for (;;) {
    const seq = (await box.fact("seq", 0)) + 1;
    const text = textOf(letter, seq, clock);
    const row: Waiting = {
      id: letter.id, seq, kind: letter.kind, ...(await seal.close(letter.id, text)),
      media: [...(letter.media ?? [])], saved_at: clock.now(),
    };
    const found = await box.transaction("rw", [box.waiting, box.journal, box.facts], async () => {
      const already = (await box.waiting.get(letter.id)) ?? (await box.journal.get(letter.id));
      if (already || (await box.fact("seq", 0)) + 1 !== seq) return already ?? null;
      await box.facts.put({ name: "seq", value: seq });
      await box.waiting.add(row);
      return row;
    });
    if (found === row) return { ...row, said: sha256(text) };
    if (found) {
      const said = (await seal.show(found))?.text;
      return { ...found, said: said === undefined ? null : sha256(said) };
    }
  }
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
