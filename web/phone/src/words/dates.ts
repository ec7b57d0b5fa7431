/** Days and moments as people say them. */

import { dayOf, daysBetween, weekday } from "../kernel/time";

const WEEK = ["日", "一", "二", "三", "四", "五", "六"];

/** "11月23日"; another year is named. */
export function dayWords(day: string, today: string): string {
  const [year, month, date] = day.split("-").map(Number);
  const same = day.slice(0, 4) === today.slice(0, 4);
  return `${same ? "" : `${year}年`}${month}月${date}日`;
}

/** "11月23日 星期一" */
export function fullDayWords(day: string): string {
  return `${dayWords(day, day)} 星期${WEEK[weekday(day)]}`;
}

/** "今天", "昨天", "8 天前", from three months on the day itself. */
export function sinceWords(day: string, today: string): string {
  const days = daysBetween(day, today);
  if (days === 0) return "今天";
  if (days === 1) return "昨天";
  if (days === 2) return "前天";
  if (days > 2 && days < 90) return `${days} 天前`;
  return dayWords(day, today);
}

/** "9:41" */
export function timeWords(ms: number): string {
  const d = new Date(ms);
  return `${d.getHours()}:${String(d.getMinutes()).padStart(2, "0")}`;
}

/** "今天 9:41", "昨天 16:20", "11月18日". From an ISO moment. */
export function momentWords(iso: string, today: string): string {
  const ms = Date.parse(iso);
  if (!Number.isFinite(ms)) return "";
  const day = dayOf(ms);
  const days = daysBetween(day, today);
  return days >= 0 && days <= 2 ? `${sinceWords(day, today)} ${timeWords(ms)}` : dayWords(day, today);
}

/** "今天 9:41" of milliseconds. */
export function stampWords(ms: number, now: number): string {
  return momentWords(new Date(ms).toISOString(), dayOf(now));
}

/** Why to go, after the colour's word: "上次 11月12日，该去看看了". */
export function goWords(last: string | null, plan: string, today: string): string {
  const before = last ? `上次 ${dayWords(last, today)}` : "还没有去过";
  return `${before}，${plan <= today ? "该去看看了" : `${dayWords(plan, today)}去看看`}`;
}
