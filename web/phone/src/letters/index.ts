/** Every kind of letter this phone writes. A new kind is a file here and a line in this list. */

import { wrongLetter, type LetterKind, type LetterText, type Touches } from "./envelope";
import { matterAdd } from "./matter_add";
import { matterRate } from "./matter_rate";
import { matterReport } from "./matter_report";
import { personPropose } from "./person_propose";
import { visitRecord } from "./visit_record";

const KINDS = [matterReport, visitRecord, matterAdd, matterRate, personPropose] as unknown as LetterKind<never>[];

/** How this version writes letters; the office says in `min_schema` what it still reads. */
export const SCHEMA = 1;

/** The kind of that name, or undefined. */
export function kindOf(name: string): LetterKind<never> | undefined {
  return KINDS.find((k) => k.kind === name);
}

/** What is wrong with a letter: the name of the first wrong field, or null. */
export function wrong(text: unknown): string | null {
  const kind = kindOf((text as LetterText | null)?.kind ?? "");
  return kind ? wrongLetter(text, kind) : "kind";
}

/** What a letter's text touches; nothing when this version does not know the kind. */
export function touchesOf(text: string): Touches {
  try {
    const letter = JSON.parse(text) as LetterText<never>;
    return kindOf(letter.kind)?.touches(letter.body) ?? {};
  } catch {
    return {};
  }
}

export type { LetterText, Touches } from "./envelope";
