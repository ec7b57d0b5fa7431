/** Where one letter is now, for the page that follows its saving. */

import { touchesOf, type LetterText, type Touches } from "../letters";
import type { MatterReport, Visibility } from "../letters/matter_report";
import type { Outbox, Outcome } from "./db";

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

export async function letterState(box: Outbox, id: string): Promise<LetterState | null> {
  const waiting = await box.waiting.get(id);
  if (waiting) {
    const body = (JSON.parse(waiting.text) as LetterText<Partial<MatterReport>>).body;
    return {
      kind: waiting.kind, at: "phone", outcome: null, code: null, ref: null, touches: touchesOf(waiting.text),
      ...(body.visibility ? { visibility: body.visibility } : {}),
    };
  }
  const sent = await box.journal.get(id);
  if (!sent) return null;
  return { kind: sent.kind, at: "office", outcome: sent.outcome, code: sent.code, ref: sent.ref, touches: sent.touches };
}
