/** visit.record/1: a household was visited; a need said there becomes a matter. */

import { clean, cut } from "../kernel/bytes";
import type { LetterKind } from "./envelope";
import { isCategory, isDay, isText, isUuid, isVisibility, isWords, wrongField } from "./fields";
import type { Visibility } from "./matter_report";

export interface Need {
  category: string;
  words: string;
  visibility: Visibility;
}

export interface VisitRecord {
  household_id: string;
  on: string;
  duties: string[];
  words?: string;
  need?: Need;
}

export const visitRecord: LetterKind<VisitRecord> = {
  kind: "visit.record/1",
  wrong: (body) => wrongField(
    body,
    { household_id: isUuid, on: isDay, duties: isDuties },
    { words: isWords, need: isNeed },
  ),
  touches: (body) => ({ household_id: body.household_id, visited_on: body.on }),
};

/** A body from what was filled in; the need takes the words already typed, nothing is typed twice. */
export function buildVisitRecord(filled: {
  household_id: string;
  on: string;
  duties: string[];
  words: string;
  need: { category: string; visibility: Visibility } | null;
}): VisitRecord {
  const words = cut(clean(filled.words), 5000);
  const body: VisitRecord = { household_id: filled.household_id, on: filled.on, duties: [...new Set(filled.duties)] };
  if (words) body.words = words;
  if (filled.need && words) body.need = { ...filled.need, words };
  return body;
}

function isDuties(v: unknown): boolean {
  return Array.isArray(v) && v.length <= 20 && new Set(v).size === v.length && v.every((d) => isText(d, 64));
}

function isNeed(v: unknown): boolean {
  return wrongField(v, { category: isCategory, words: isWords, visibility: isVisibility }) === null;
}
