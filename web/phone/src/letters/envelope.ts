/** What every letter has around its body, and how a letter kind describes itself. */

import { wrongField, isObject, within, type Check, type Fields } from "./fields";

/** The `text` of a letter, parsed. */
export interface LetterText<B = Fields> {
  kind: string;
  device_seq: number;
  captured_at: string;
  place: string;
  body: B;
}

/** What the screens need to know of a letter not yet seen in a parcel. No words, only which thing it touches. */
export interface Touches {
  household_id?: string;
  matter_id?: string;
  ref?: string;
  visited_on?: string;
}

/** One kind of letter: its name, what is wrong with a body (null: nothing), what it touches. */
export interface LetterKind<B> {
  kind: string;
  wrong(body: unknown): string | null;
  touches(body: B): Touches;
}

const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/;
const PLACE = /^\d{6}(\d{3}(\d{3}(\d{2}(\d{3})?)?)?)?$/;

const isSeq: Check = (v) => Number.isSafeInteger(v) && within(0, Number.MAX_SAFE_INTEGER)(v);

/** The first wrong field of the whole letter, or null. */
export function wrongLetter(text: unknown, kind: LetterKind<never>): string | null {
  const envelope = wrongField(text, {
    kind: (v) => v === kind.kind,
    device_seq: isSeq,
    captured_at: (v) => typeof v === "string" && MOMENT.test(v),
    place: (v) => typeof v === "string" && PLACE.test(v),
    body: isObject,
  });
  return envelope ?? kind.wrong((text as LetterText).body);
}
