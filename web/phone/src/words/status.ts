/** The line every tab carries: what is on the phone, what has arrived. It never says more than is true. */

import { stampWords } from "./dates";

export interface StatusFacts {
  enrolled: boolean;
  refused: boolean;
  lapsed: boolean;
  online: boolean;
  busy: boolean;
  last: "none" | "done" | "offline" | "unreachable" | "refused";
  waiting: number;
  photos: number;
  pulledAt: number | null;
  deliveredAt: number | null;
  now: number;
}

export interface StatusLine {
  look: "ok" | "wait" | "stop";
  words: string;
}

export function statusLine(f: StatusFacts): StatusLine {
  const kept = keptWords(f);
  if (!f.enrolled) return { look: "wait", words: "这台手机还没登记" };
  if (f.refused) return { look: "stop", words: `要重新登记${kept ? ` · ${kept}，都在` : ""}` };
  if (!f.online) return { look: "wait", words: `没有信号 · ${kept ? `${kept}，等信号` : f.lapsed ? "户和事先收起来了，照样能记" : "手机里的照样能看能记"}` };
  if (f.busy) return { look: kept ? "wait" : "ok", words: kept ? `正在送 · ${kept}` : "正在看有没有新的" };
  if (f.last === "unreachable") {
    return { look: "wait", words: `连不上县里 · ${kept ? `${kept}，会自动再送` : "过会儿自动再试"}` };
  }
  if (kept) return { look: "wait", words: `${kept}，等着送` };
  const at = Math.max(f.pulledAt ?? 0, f.deliveredAt ?? 0);
  return at ? { look: "ok", words: `全部送达 ${stampWords(at, f.now).replace(/^今天 /, "")}` } : { look: "wait", words: "还没取到资料" };
}

function keptWords(f: StatusFacts): string {
  const parts: string[] = [];
  if (f.waiting > 0) parts.push(`已存本机 ${f.waiting} 条`);
  if (f.photos > 0) parts.push(`照片 ${f.photos} 张`);
  return parts.join("、");
}
