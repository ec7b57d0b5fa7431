/** person.propose/1: something changed in a household; a person at the desk decides. */

import { clean, cut } from "../kernel/bytes";
import type { LetterKind } from "./envelope";
import { isDay, isText, isUuid, wrongField, type Check } from "./fields";

export const CHANGES = ["residence", "phone", "relation", "died", "moved_out", "born", "moved_in", "other"] as const;
export type Change = (typeof CHANGES)[number];

export const RELATIONS = [
  "配偶", "子", "女", "儿媳", "女婿", "孙子", "孙女", "父亲", "母亲", "弟", "妹", "侄子", "侄女", "其他",
] as const;

export interface PersonPropose {
  household_id: string;
  what: Change;
  person_id?: string;
  /** The person's version that this phone showed. */
  base_version?: number;
  residence?: "home" | "away";
  away_to?: string;
  phone?: string;
  relation?: string;
  name?: string;
  sex?: "1" | "2";
  born_on?: string;
  on?: string;
  words?: string;
}

const isChange: Check = (v) => (CHANGES as readonly unknown[]).includes(v);
const isVersion: Check = (v) => Number.isInteger(v) && (v as number) >= 1 && (v as number) <= 1_000_000;
const isResidence: Check = (v) => v === "home" || v === "away";
const isPhone: Check = (v) => typeof v === "string" && /^[0-9]{11}$/.test(v);
const isRelation: Check = (v) => (RELATIONS as readonly unknown[]).includes(v);
const isSex: Check = (v) => v === "1" || v === "2";
const isSaid = (most: number): Check => (v) => isText(v, most) && /\S/.test(v as string);

/** What each change must say; the rest may be there too. */
const NEEDS: Record<Change, string[]> = {
  residence: ["person_id", "base_version", "residence"],
  phone: ["person_id", "base_version", "phone"],
  relation: ["person_id", "base_version", "relation"],
  died: ["person_id", "base_version"],
  moved_out: ["person_id", "base_version"],
  born: ["name"],
  moved_in: ["name"],
  other: ["words"],
};

const OPTIONAL: Record<string, Check> = {
  person_id: isUuid, base_version: isVersion, residence: isResidence, away_to: isSaid(30), phone: isPhone,
  relation: isRelation, name: isSaid(50), sex: isSex, born_on: isDay, on: isDay, words: isSaid(500),
};

export const personPropose: LetterKind<PersonPropose> = {
  kind: "person.propose/1",
  wrong: (body) => {
    const field = wrongField(body, { household_id: isUuid, what: isChange }, OPTIONAL);
    if (field) return field;
    const said = body as PersonPropose;
    return NEEDS[said.what].find((name) => !(name in said)) ?? null;
  },
  touches: (body) => ({ household_id: body.household_id }),
};

export interface ProposeForm {
  household: string;
  what: Change | "";
  person: string;
  version: number;
  away_to: string;
  residence: "home" | "away" | "";
  phone: string;
  relation: string;
  name: string;
  sex: "1" | "2" | "";
  born_on: string;
  on: string;
  words: string;
}

const ABOUT_ONE: readonly string[] = ["residence", "phone", "relation", "died", "moved_out"];
const JOINING: readonly string[] = ["born", "moved_in"];

/** A body from what was filled in; only what belongs to this change goes along. */
export function buildPersonPropose(form: ProposeForm): PersonPropose {
  const body: PersonPropose = { household_id: form.household, what: form.what || "other" };
  const put = (key: keyof PersonPropose, value: string, most: number): void => {
    const said = cut(clean(value), most);
    if (said) Object.assign(body, { [key]: said });
  };
  if (ABOUT_ONE.includes(body.what)) Object.assign(body, { person_id: form.person, base_version: form.version });
  if (body.what === "residence" && form.residence) {
    body.residence = form.residence;
    if (form.residence === "away") put("away_to", form.away_to, 30);
  }
  if (body.what === "phone") put("phone", form.phone.replace(/\D/g, ""), 11);
  if (body.what === "relation" || JOINING.includes(body.what)) put("relation", form.relation, 10);
  if (JOINING.includes(body.what)) {
    put("name", form.name.replace(/\s/g, ""), 50);
    if (form.sex) body.sex = form.sex;
    put("born_on", form.born_on, 10);
  }
  if (body.what !== "other") put("on", form.on, 10);
  put("words", form.words, 500);
  return body;
}
