/** matter.add/1: one more word on an existing matter, or the answer to what the office asked. */

import { clean, cut } from "../kernel/bytes";
import type { LetterKind } from "./envelope";
import { isUuid, isWords, wrongField } from "./fields";

export interface MatterAdd {
  matter_id: string;
  words: string;
}

export const matterAdd: LetterKind<MatterAdd> = {
  kind: "matter.add/1",
  wrong: (body) => wrongField(body, { matter_id: isUuid, words: isWords }),
  touches: (body) => ({ matter_id: body.matter_id }),
};

export function buildMatterAdd(matterId: string, words: string): MatterAdd {
  return { matter_id: matterId, words: cut(clean(words), 5000) };
}
