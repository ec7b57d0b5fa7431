/** Reading the parcels: the household, the matters, the names. Pure functions on one snapshot. */

import type { Catalogue, Category, Household, Matter, Parcel, Person, Settled, Stage } from "./types";

/** Everything the screens read, taken together. */
export interface Snapshot {
  parcels: Parcel[];
  mine: Matter[];
  /** What became of letters of mine that waited for somebody. */
  settled: Settled[];
  catalogue: Catalogue | null;
  person: Person | null;
  places: Record<string, string>;
  demo: boolean;
  pulledAt: number | null;
  clockOffset: number;
  minSchema: number;
  /** What all my grids share; stays when the copy is gone. */
  place: string;
  /** The copy was given back because the office was not reached for too long. */
  lapsed: boolean;
  /** The county asks for digits before the copy opens. */
  pin: boolean;
}

export const NOTHING: Snapshot = {
  parcels: [], mine: [], settled: [], catalogue: null, person: null, places: {}, demo: false, pulledAt: null, clockOffset: 0, minSchema: 1,
  place: "", lapsed: false, pin: false,
};

/** Something not yet in the parcels because it is still on its way: see letters/ Touches. */
export interface Pending {
  /** household id → day of the visit written down */
  visited: Map<string, string>;
  /** matters to which a word was added */
  added: Set<string>;
  /** public codes that were rated */
  rated: Set<string>;
}

const CLOSED: Stage[] = ["closed", "merged"];
const ANSWERED: Stage[] = ["answered", "verified", "closed"];

export const isOpen = (m: Matter): boolean => !CLOSED.includes(m.stage);
export const isAnswered = (m: Matter): boolean => m.answer !== null && ANSWERED.includes(m.stage);

/** Does a clock run on it? Once answered the office has done its part. */
export const clockRuns = (m: Matter): boolean => isOpen(m) && m.stage !== "answered" && m.stage !== "verified";

/** Every matter this phone may show, each once; what concerns me personally is the fuller copy. */
export function allMatters(s: Snapshot): Matter[] {
  const found = new Map<string, Matter>();
  for (const parcel of s.parcels) for (const matter of parcel.matters) found.set(matter.id, matter);
  for (const matter of s.mine) found.set(matter.id, matter);
  return [...found.values()].sort((a, b) => (a.reported_at < b.reported_at ? 1 : -1));
}

export interface Door {
  household: Household;
  parcel: Parcel;
}

/** Every household of my grids. */
export function allDoors(s: Snapshot): Door[] {
  return s.parcels.flatMap((parcel) => parcel.households.map((household) => ({ household, parcel })));
}

export function doorOf(s: Snapshot, id: string | null | undefined): Door | null {
  if (!id) return null;
  for (const parcel of s.parcels) {
    const household = parcel.households.find((h) => h.id === id);
    if (household) return { household, parcel };
  }
  return null;
}

export function matterOf(s: Snapshot, id: string): Matter | null {
  return allMatters(s).find((m) => m.id === id) ?? null;
}

/** Longest since the last visit first; never visited before all; then by address as people walk. */
export function bySinceVisit(doors: Door[], pending: Pending): Door[] {
  const day = (d: Door): string => lastVisitDay(d.household, pending) ?? "";
  return [...doors].sort((a, b) => day(a).localeCompare(day(b)) || a.household.code.localeCompare(b.household.code));
}

/** The day of the last visit, one not yet sent included. */
export function lastVisitDay(household: Household, pending: Pending): string | null {
  const known = household.last_visit?.on ?? null;
  const written = pending.visited.get(household.id) ?? null;
  return [known, written].filter((d): d is string => d !== null).sort().at(-1) ?? null;
}

/** The name of a place from any parcel, or its code. */
export function placeName(s: Snapshot, code: string): string {
  for (const parcel of s.parcels) {
    if (parcel.grid === code) return parcel.name;
    const name = parcel.place_names[code];
    if (name) return name;
  }
  return s.places[code] ?? code;
}

/** The category of a code; the first of its top kind when the code itself is the top kind. */
export function categoryOf(s: Snapshot, code: string): Category | null {
  const list = s.catalogue?.categories ?? [];
  return list.find((c) => c.code === code) ?? list.find((c) => c.top === topOf(s, code)) ?? null;
}

/** The top kind of a category code. */
export function topOf(s: Snapshot, code: string): string {
  return s.catalogue?.categories.find((c) => c.code === code)?.top ?? code.split(/[._-]/)[0] ?? code;
}

/** What grids have in common (grid, group, village, …): the place of a letter without a household. */
export function commonPlace(codes: string[]): string {
  const first = codes[0];
  if (!first) return "";
  for (const length of [17, 14, 12, 9]) {
    const head = first.slice(0, length);
    if (codes.every((code) => code.startsWith(head))) return head;
  }
  return first.slice(0, 6);
}
