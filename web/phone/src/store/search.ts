/** Finding without signal: a household by name or the first letters of its pinyin, a policy by its words. */

import type { Policy } from "./types";
import type { Door } from "./view";

/** Doors whose head, member or address has the words, or whose head's initials begin with the letters. */
export function findDoors(doors: Door[], query: string): Door[] {
  const q = query.trim().toLowerCase();
  if (!q) return doors;
  const letters = /^[a-z]+$/.test(q);
  return doors.filter(({ household: h }) => {
    if (letters && (h.initials ?? "").toLowerCase().includes(q)) return true;
    return h.head.toLowerCase().includes(q) || h.address.includes(q) || h.members.some((m) => m.name.includes(q));
  });
}

/** Pairs of neighbouring characters; punctuation and space part the text. */
export function bigrams(text: string): Set<string> {
  const found = new Set<string>();
  for (const run of text.toLowerCase().split(/[^\p{L}\p{N}]+/u)) {
    const points = Array.from(run);
    for (let i = 0; i + 1 < points.length; i++) found.add(points[i]! + points[i + 1]!);
  }
  return found;
}

/** How many pairs two texts share. */
export function shared(a: Set<string>, b: Set<string>): number {
  let n = 0;
  for (const pair of a) if (b.has(pair)) n++;
  return n;
}

/** Policies that have the words, best first: title before summary before body; all of them for no words. */
export function findPolicies(policies: Policy[], query: string): Policy[] {
  const q = query.trim();
  if (!q) return policies;
  const pairs = bigrams(q);
  const score = (p: Policy): number => {
    let points = 0;
    if (p.title.includes(q)) points += 100;
    if (p.summary.includes(q)) points += 40;
    if (p.body.includes(q)) points += 20;
    if (pairs.size === 0) return points;
    return points + 6 * shared(pairs, bigrams(p.title)) + 3 * shared(pairs, bigrams(p.summary)) +
      shared(pairs, bigrams(p.body));
  };
  return policies
    .map((policy) => ({ policy, points: score(policy) }))
    .filter(({ points }) => points > 0)
    .sort((a, b) => b.points - a.points)
    .map(({ policy }) => policy);
}
