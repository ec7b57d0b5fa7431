/** "像是同一件事吗": what was reported lately that sounds like what is being written. A hint, never a wall. */

import { daysBetween } from "../kernel/time";
import { bigrams, shared } from "./search";
import type { Matter } from "./types";
import { allMatters, isOpen, topOf, type Snapshot } from "./view";

const DAYS = 30;
/** At least so many shared pairs, and so large a part of the shorter text. */
const PAIRS = 2;
const PART = 0.25;
const MOST = 3;

/** Open, ordinary matters of the same top kind within 30 days, most alike first. */
export function alike(s: Snapshot, category: string, words: string, today: string): Matter[] {
  const top = topOf(s, category);
  const typed = bigrams(words);
  if (typed.size < PAIRS) return [];
  return allMatters(s)
    .filter((m) => m.visibility === "ordinary" && isOpen(m) && topOf(s, m.category) === top)
    .filter((m) => daysBetween(m.reported_at.slice(0, 10), today) <= DAYS)
    .map((m) => {
      const known = bigrams(m.words);
      const common = shared(typed, known);
      return { m, common, part: common / Math.max(1, Math.min(typed.size, known.size)) };
    })
    .filter(({ common, part }) => common >= PAIRS && part >= PART)
    .sort((a, b) => b.part - a.part || b.common - a.common)
    .slice(0, MOST)
    .map(({ m }) => m);
}
