/** How long there is left, in the words the desk uses too (contracts/clock.json). */

import { plusDays, weekday } from "../kernel/time";
import type { Calendar } from "./types";

export const WEEKENDS: Calendar = { off: [], on: [], until: "" };

/** Is this a working day? Beyond the published calendar only weekends are off. */
export function isWorkingDay(day: string, calendar: Calendar): boolean {
  if (day <= calendar.until) {
    if (calendar.on.includes(day)) return true;
    if (calendar.off.includes(day)) return false;
  }
  return weekday(day) % 6 !== 0;
}

/** Working days after `from` up to and including `to`. */
export function workingDays(from: string, to: string, calendar: Calendar): number {
  let days = 0;
  for (let day = plusDays(from, 1); day <= to; day = plusDays(day, 1)) {
    if (isWorkingDay(day, calendar)) days++;
  }
  return days;
}

/** "还剩 2 个工作日", "今天到期", "已超 1 个工作日"; nothing without a due day. */
export function clockWords(today: string, dueOn: string | null, calendar: Calendar): string {
  if (!dueOn) return "";
  if (dueOn === today) return "今天到期";
  if (dueOn > today) {
    const left = workingDays(today, dueOn, calendar);
    return left ? `还剩 ${left} 个工作日` : "休息日到期";
  }
  const over = workingDays(dueOn, today, calendar);
  return over ? `已超 ${over} 个工作日` : "刚过期限";
}

/** Whether a day to come lies beyond the published calendar, so that it may still move. */
export function isGuessed(today: string, dueOn: string | null, calendar: Calendar): boolean {
  return dueOn !== null && dueOn >= today && calendar.until !== "" && dueOn > calendar.until;
}

/** Which look those words have: late, soon (today or one working day), or calm. */
export function clockLook(today: string, dueOn: string | null, calendar: Calendar): "late" | "soon" | "calm" {
  if (!dueOn) return "calm";
  if (dueOn < today) return "late";
  return workingDays(today, dueOn, calendar) <= 1 ? "soon" : "calm";
}
