/** Days and moments as the letters write them. Days are "YYYY-MM-DD", compared as text. */

const two = (n: number): string => String(n).padStart(2, "0");

/** "2026-11-23T09:41:00+08:00": the device's own clock with its own offset. */
export function moment(ms: number): string {
  const d = new Date(ms);
  const east = -d.getTimezoneOffset();
  const sign = east < 0 ? "-" : "+";
  const off = Math.abs(east);
  return `${dayOf(ms)}T${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}` +
    `${sign}${two(Math.floor(off / 60))}:${two(off % 60)}`;
}

/** The local day of a moment. */
export function dayOf(ms: number): string {
  const d = new Date(ms);
  return `${String(d.getFullYear()).padStart(4, "0")}-${two(d.getMonth() + 1)}-${two(d.getDate())}`;
}

/** `n` days after a day (before, when negative). */
export function plusDays(day: string, n: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + n * 86_400_000).toISOString().slice(0, 10);
}

/** Whole days from one day to another; negative when `to` is earlier. */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / 86_400_000);
}

/** 0 Sunday … 6 Saturday. */
export function weekday(day: string): number {
  return new Date(`${day}T00:00:00Z`).getUTCDay();
}

/** The clocks everything here is given: `now` of the wall, `tick` that never jumps (both milliseconds). */
export interface Clock {
  now(): number;
  tick(): number;
}

export const systemClock: Clock = { now: () => Date.now(), tick: () => performance.now() };
