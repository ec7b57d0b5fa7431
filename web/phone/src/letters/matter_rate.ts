/** matter.rate/1: how content the one who raised it is, from 1 to 5. */

import { clean, cut } from "../kernel/bytes";
import type { LetterKind } from "./envelope";
import { isWords, wrongField } from "./fields";

export interface MatterRate {
  ref: string;
  score: number;
  words?: string;
}

export const matterRate: LetterKind<MatterRate> = {
  kind: "matter.rate/1",
  wrong: (body) => wrongField(
    body,
    {
      ref: (v) => typeof v === "string" && /^[0-9A-Za-z-]{4,40}$/.test(v),
      score: (v) => Number.isInteger(v) && (v as number) >= 1 && (v as number) <= 5,
    },
    { words: isWords },
  ),
  touches: (body) => ({ ref: body.ref }),
};

export function buildMatterRate(ref: string, score: number, words: string): MatterRate {
  const said = cut(clean(words), 5000);
  return said ? { ref, score, words: said } : { ref, score };
}
