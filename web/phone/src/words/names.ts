/** Chinese words for the codes this app meets. */

import { shown } from "../kernel/signs";
import type { Grade, Matter, Proposal, ResourceSort, Stage } from "../store/types";

export const TOPS = ["dispute", "environment", "errand", "safety", "livelihood", "policy"] as const;

export const TOP_WORDS: Record<string, string> = {
  dispute: "纠纷", environment: "环境", errand: "代办", safety: "安全", livelihood: "生活难处", policy: "问政策",
  official: "反映干部问题",
};

export const TOP_HINTS: Record<string, string> = {
  dispute: "两家为啥争？什么时候起的？",
  environment: "哪里脏了、堵了？多久了？",
  errand: "要替他办什么？要带什么证？",
  safety: "哪里危险？有没有人受伤？",
  livelihood: "家里遇到什么难处？",
  policy: "想问哪样补贴、哪条政策？",
  official: "什么人、什么时候、什么事？知道多少写多少。",
};

export const STAGE_WORDS: Record<Stage, string> = {
  reported: "已报上去，等受理", accepted: "已受理", dispatched: "已分派", handling: "办理中", waiting: "等补充",
  answered: "有答复了", verified: "答复已核实", closed: "办结", merged: "和另一件合并了",
};

export const GRADES: Record<Grade, { shape: string; word: string; look: string }> = {
  green: { shape: "●", word: "放心", look: "g" },
  yellow: { shape: "▲", word: "关心", look: "y" },
  red: { shape: "■", word: "连心", look: "r" },
};

/** What there is in a grid, as headings. */
export const SORT_WORDS: Record<ResourceSort, string> = {
  contact: "找谁帮忙", hazard: "要当心", facility: "有什么设施", service: "能办什么",
};

const ROLE_WORDS: Record<string, string> = {
  warden: "中心户长", member: "党员", deputy: "人大代表", secretary: "村支书", supervisor: "村监委", representative: "村民代表",
  leader: "领导", county: "县里干部", town: "镇里干部", official: "干部", resident: "村民",
};

export const roleWords = (role: string): string => ROLE_WORDS[role] ?? role;

const STEP_WORDS: Record<string, string> = {
  report: "报上去", accept: "受理", assign: "分派", dispatch: "分派", handle: "开始办", ask: "请补充", ask_more: "请补充", add: "补了一句",
  supply: "补了一句", answer: "答复", verify: "核实", close: "办结", rate: "评价", reopen: "重新办", escalate: "督办", merge: "合并", extend: "延期",
};

export const stepWords = (verb: string): string => STEP_WORDS[verb] ?? "办理";

export const SCORES = [
  { score: 5, word: "很满意" }, { score: 4, word: "满意" }, { score: 3, word: "还行" },
  { score: 2, word: "不满意" }, { score: 1, word: "很不满意" },
] as const;

export const scoreWords = (score: number): string => SCORES.find((s) => s.score === score)?.word ?? "";

export const KIND_WORDS: Record<string, string> = {
  "matter.report/1": "报的事", "visit.record/1": "走访", "matter.add/1": "补一句", "matter.rate/1": "评价",
  "person.propose/1": "情况有变",
};

/** What may have changed in a household, as a button says it. */
export const CHANGE_WORDS: Record<string, string> = {
  residence: "在家还是外出", phone: "换了电话", relation: "关系写错了", died: "去世了", moved_out: "迁走了",
  born: "添了孩子", moved_in: "来了人", other: "别的情况",
};

/** What became of it. */
export const PROPOSAL_WORDS: Record<Proposal["state"], string> = {
  open: "已报，等村里看", accepted: "村里已改", declined: "没有改",
};

export const VISIBILITY_WORDS: Record<Matter["visibility"], string> = {
  ordinary: "一般的事", sensitive: "不宜声张的事", about_official: "反映干部的事",
};

/** One line above the button: who will see it. */
export const SEES_SHORT: Record<Matter["visibility"], string> = {
  ordinary: "村里和经办单位看得到", sensitive: "只有接办的人和您看得到", about_official: "直接到县里，村里镇里看不到",
};

/** The short line a matter goes by in lists: its first sentence; signs that turn the direction of writing shown. */
export function headline(words: string, most = 24): string {
  const first = shown(words).split(/[\n。！？!?]/)[0]?.trim() || shown(words).trim();
  const points = Array.from(first);
  return points.length > most ? `${points.slice(0, most).join("")}…` : first;
}

/** Of words that this phone keeps for the office only. */
export const SEALED_WORDS = "写着“封着”的，原话已经封好给县里，这台手机现在看不了，照样会送。";
