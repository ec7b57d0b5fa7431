/** Where one letter is now, for the page that follows its saving. */

import { touchesOf, type LetterText, type Touches } from "../letters";
import type { MatterReport, Visibility } from "../letters/matter_report";
import type { Outbox, Outcome } from "./db";
import type { Seal } from "./seal";

export interface LetterState {
  kind: string;
  /** On the phone only, or answered for by the office. */
  at: "phone" | "office";
  outcome: Outcome | null;
  code: string | null;
  ref: string | null;
  touches: Touches;
  visibility?: Visibility;
}

export async function letterState(box: Outbox, seal: Seal, id: string): Promise<LetterState | null> {
  const waiting = await box.waiting.get(id);
  const sent = waiting ? undefined : await box.journal.get(id);
  const row = waiting ?? sent;
  if (!row) return null;
  const words = await seal.show(row);
  const touches = words ? touchesOf(words.text) : {};
  if (sent) return { kind: sent.kind, at: "office", outcome: sent.outcome, code: sent.code, ref: words?.ref ?? null, touches };
  const body = words ? (JSON.parse(words.text) as LetterText<Partial<MatterReport>>).body : {};
  return {
    kind: row.kind, at: "phone", outcome: null, code: null, ref: null, touches,
    ...(body.visibility ? { visibility: body.visibility } : {}),
  };
}
