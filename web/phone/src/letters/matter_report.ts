/** matter.report/1: something seen or told, for an office to answer. */

import { clean, cut } from "../kernel/bytes";
import type { LetterKind } from "./envelope";
import { isCategory, isShort, isUuid, isVisibility, isWords, within, wrongField } from "./fields";

export type Visibility = "ordinary" | "sensitive" | "about_official";

export interface Point {
  lat: number;
  lon: number;
  accuracy_m?: number;
}

export interface MatterReport {
  category: string;
  words: string;
  visibility: Visibility;
  household_id?: string;
  point?: Point;
  spot?: string;
  about?: string;
}

export const matterReport: LetterKind<MatterReport> = {
  kind: "matter.report/1",
  wrong: (body) => wrongField(
    body,
    { category: isCategory, words: isWords, visibility: isVisibility },
    { household_id: isUuid, point: isPoint, spot: isShort, about: isShort },
  ),
  touches: (body) => (body.household_id ? { household_id: body.household_id } : {}),
};

/** A body from what was filled in: empty fields are left out, `about` goes only with a report about an official. */
export function buildMatterReport(filled: MatterReport): MatterReport {
  const body: MatterReport = {
    category: filled.category,
    words: cut(clean(filled.words), 5000),
    visibility: filled.visibility,
  };
  if (filled.household_id) body.household_id = filled.household_id;
  if (filled.point) body.point = roundPoint(filled.point);
  const spot = cut(clean(filled.spot ?? ""), 200);
  if (spot) body.spot = spot;
  const about = cut(clean(filled.about ?? ""), 200);
  if (about && filled.visibility === "about_official") body.about = about;
  return body;
}

function isPoint(v: unknown): boolean {
  return wrongField(
    v,
    { lat: within(-90, 90), lon: within(-180, 180) },
    { accuracy_m: within(0, 1_000_000) },
  ) === null;
}

/** Five decimals are about a metre: more would only be noise. */
function roundPoint(p: Point): Point {
  const point: Point = { lat: round(p.lat, 5), lon: round(p.lon, 5) };
  if (p.accuracy_m !== undefined) point.accuracy_m = Math.min(1_000_000, round(p.accuracy_m, 0));
  return point;
}

function round(x: number, digits: number): number {
  return Math.round(x * 10 ** digits) / 10 ** digits;
}
