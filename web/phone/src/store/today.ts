/** What today asks of me, in the order it should be done. */

import { daysBetween } from "../kernel/time";
import type { Matter, Notice, Parcel } from "./types";
import { allDoors, allMatters, clockRuns, doorOf, isAnswered, lastVisitDay, type Door, type Pending, type Snapshot } from "./view";

export interface DueVisit {
  door: Door;
  plan_on: string;
  due_on: string;
}

export interface Today {
  visits: DueVisit[];
  /** How many of them are put forward for today: the others can wait. */
  first: number;
  answers: Matter[];
  waiting: Matter[];
  running: Matter[];
  notices: Notice[];
}

/** An answer stays on this page until she rated it for the resident, or so many days. */
const ANSWER_DAYS = 30;
/** One that the resident rated himself by the code she still hears of, but not as long. */
const RATED_DAYS = 3;
/** Visits are shown this many days before they are due. */
const AHEAD_DAYS = 3;

export function todayOf(s: Snapshot, pending: Pending, today: string): Today {
  const matters = allMatters(s);
  const visits = dueVisits(s, pending, today);
  return {
    visits,
    first: Math.min(visits.length, leftToday(s, pending, today)),
    answers: matters.filter((m) => isNews(m, pending, today)),
    waiting: matters.filter((m) => m.waiting_on_me && !pending.added.has(m.id)),
    running: matters.filter((m) => m.mine && clockRuns(m) && !m.waiting_on_me),
    notices: currentNotices(s.parcels, today),
  };
}

/** Who is to be visited, those owed most first, then those due longest. */
function dueVisits(s: Snapshot, pending: Pending, today: string): DueVisit[] {
  const due: DueVisit[] = [];
  for (const parcel of s.parcels) {
    for (const { household_id, due_on, plan_on = due_on } of parcel.visits_due) {
      const door = doorOf(s, household_id);
      const written = pending.visited.get(household_id);
      if (!door || (written && daysBetween(written, today) <= 1)) continue;
      if (daysBetween(today, plan_on) <= AHEAD_DAYS) due.push({ door, plan_on, due_on });
    }
  }
  return due.sort((a, b) => Number(a.plan_on > today) - Number(b.plan_on > today) || owed(b) - owed(a) ||
    a.plan_on.localeCompare(b.plan_on) || a.due_on.localeCompare(b.due_on));
}

const owed = (v: DueVisit): number => ["green", "yellow", "red"].indexOf(v.door.household.grade ?? "green");

/** So many a day are enough, in all grids together; those gone to today count. */
function leftToday(s: Snapshot, pending: Pending, today: string): number {
  const enough = Math.max(1, ...s.parcels.map((p) => p.visit_plan?.per_day ?? 0));
  const gone = allDoors(s).filter((d) => lastVisitDay(d.household, pending) === today).length;
  return Math.max(0, enough - gone);
}

function isNews(m: Matter, pending: Pending, today: string): boolean {
  if (!m.mine || !isAnswered(m) || pending.rated.has(m.ref)) return false;
  if (m.steps.some((step) => step.verb === "rate" && step.by === m.reporter)) return false;
  return daysBetween(m.answer!.at.slice(0, 10), today) <= (m.rating ? RATED_DAYS : ANSWER_DAYS);
}

function currentNotices(parcels: Parcel[], today: string): Notice[] {
  const found = new Map<string, Notice>();
  for (const parcel of parcels) {
    for (const notice of parcel.notices) {
      if (daysBetween(notice.on, today) <= 7) found.set(notice.id, notice);
    }
  }
  return [...found.values()].sort((a, b) => a.on.localeCompare(b.on));
}
