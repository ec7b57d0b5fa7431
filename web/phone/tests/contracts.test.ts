/** The phone and the contracts agree: letters, answers, hashes, clock words. */

import { readdirSync, readFileSync } from "node:fs";
import { Ajv } from "ajv";
import { describe, expect, it } from "vitest";
import { sha256, sha256OfBytes } from "../src/kernel/sha256";
import { wrong, type LetterText } from "../src/letters";
import { buildMatterAdd } from "../src/letters/matter_add";
import { buildMatterRate } from "../src/letters/matter_rate";
import { buildMatterReport } from "../src/letters/matter_report";
import { buildPersonPropose } from "../src/letters/person_propose";
import { newProposal } from "../src/forms";
import { buildVisitRecord } from "../src/letters/visit_record";
import { clockWords, isGuessed } from "../src/store/clock_words";
import type { Calendar } from "../src/store/types";
import { GRID, HOUSE } from "./phone";

const FOLDER = new URL("../../../contracts/", import.meta.url);
const load = <T>(name: string): T => JSON.parse(readFileSync(new URL(name, FOLDER), "utf8")) as T;
const ajv = new Ajv({ strict: false });
const kinds = readdirSync(new URL("letters/", FOLDER)).filter((f) => f.endsWith(".schema.json")).map((f) => f.replace(".schema.json", ""));
const schemaOf = (kind: string) => ajv.compile(load<object>(`letters/${kind.replace("/", "-")}.schema.json`));

interface Example { name: string; letter: LetterText; expect: "stored" | "quarantined" }

describe.each(kinds)("letters of %s", (kind) => {
  const valid = schemaOf(kind);
  it.each(load<Example[]>(`letters/${kind}.examples.json`).map((e) => [e.name, e] as const))("%s", (_name, example) => {
    expect(valid(example.letter)).toBe(example.expect === "stored");
    expect(wrong(example.letter) === null).toBe(example.expect === "stored");
  });
});

describe("what the phone builds fits the schema", () => {
  const letter = (kind: string, body: object) => ({ kind, device_seq: 1, captured_at: "2026-11-23T09:41:00+08:00", place: GRID, body });
  const built: [string, object][] = [
    ["matter.report/1", buildMatterReport({ category: "environment", words: "  垃圾\u0000\ud800 ", visibility: "ordinary" })],
    ["matter.report/1", buildMatterReport({ category: "official", words: "字".repeat(6000), visibility: "about_official", about: "某人", spot: " ", household_id: "", point: { lat: 32.891234567, lon: 108.5, accuracy_m: 12.4 } })],
    ["visit.record/1", buildVisitRecord({ household_id: HOUSE, on: "2026-11-23", duties: ["policy", "policy"], words: "屋顶漏雨", need: { category: "livelihood", visibility: "ordinary" } })],
    ["visit.record/1", buildVisitRecord({ household_id: HOUSE, on: "2026-11-23", duties: [], words: " ", need: null })],
    ["matter.add/1", buildMatterAdd(HOUSE, "又多了一堆")],
    ["person.propose/1", buildPersonPropose({ ...newProposal(HOUSE), what: "residence", person: HOUSE, version: 3, residence: "away", away_to: " 西安 ", phone: "1" })],
    ["person.propose/1", buildPersonPropose({ ...newProposal(HOUSE), what: "phone", person: HOUSE, version: 1, phone: "100 1234 5678", on: "2026-11-01" })],
    ["person.propose/1", buildPersonPropose({ ...newProposal(HOUSE), what: "born", name: " 刘 小宝", sex: "1", relation: "孙子", born_on: "2026-11-01", residence: "home" })],
    ["person.propose/1", buildPersonPropose({ ...newProposal(HOUSE), what: "other", words: "字".repeat(900) })],
    ["matter.rate/1", buildMatterRate("HY26-7K3M9Q", 5, "")],
  ];
  it.each(built)("%s", (kind, body) => {
    expect(schemaOf(kind)(letter(kind, body))).toBe(true);
    expect(wrong(letter(kind, body))).toBeNull();
  });
  it("leaves out who it is about unless it is about an official", () => {
    expect(buildMatterReport({ category: "safety", words: "桥", visibility: "ordinary", about: "某人" })).not.toHaveProperty("about");
  });
  it("says of a change only what belongs to it", () => {
    const form = { ...newProposal(HOUSE), what: "residence" as const, person: HOUSE, version: 3, residence: "home" as const, away_to: "西安", phone: "10012345678", name: "刘" };
    expect(buildPersonPropose(form)).toEqual({ household_id: HOUSE, what: "residence", person_id: HOUSE, base_version: 3, residence: "home" });
  });
  it("uses the words of the visit for the need", () => {
    expect(buildVisitRecord({ household_id: HOUSE, on: "2026-11-23", duties: [], words: "漏雨", need: { category: "livelihood", visibility: "sensitive" } }).need).toEqual({ category: "livelihood", visibility: "sensitive", words: "漏雨" });
  });
});

describe("answers", () => {
  const schema = load<object>("answers.schema.json");
  it.each(load<{ definition: string; example: unknown }[]>("answers.examples.json").map((e) => [e.definition, e.example] as const))("%s", (definition, example) => {
    expect(new Ajv({ strict: false }).compile({ ...schema, $ref: `#/definitions/${definition}` })(example)).toBe(true);
  });
});

describe("hashes", () => {
  it.each(load<{ text: string; sha256: string }[]>("hash.json").map((e) => [e.text, e.sha256] as const))("%j", async (text, hash) => {
    expect(sha256(text)).toBe(hash);
    expect(await sha256OfBytes(new TextEncoder().encode(text))).toBe(hash);
  });
  it("agree with the platform at every length around a block", async () => {
    for (let n = 0; n < 200; n++) {
      const bytes = new Uint8Array(n).map((_, i) => (i * 7 + n) % 256);
      expect(sha256(bytes)).toBe(await sha256OfBytes(bytes));
    }
  });
});

describe("clock words", () => {
  it("says when a day to come lies beyond the published calendar", () => {
    const calendar: Calendar = { off: [], on: [], until: "2026-12-31" };
    const days: [string | null, boolean][] = [["2026-12-31", false], ["2027-01-04", true], [null, false]];
    for (const [due, guessed] of days) expect(isGuessed("2026-12-20", due, calendar)).toBe(guessed);
    expect(isGuessed("2027-02-01", "2027-01-04", calendar)).toBe(false);
    expect(isGuessed("2026-12-20", "2027-01-04", { ...calendar, until: "" })).toBe(false);
  });

  it.each(load<{ today: string; due_on: string | null; calendar: Calendar; words: string }[]>("clock.json").map((e) => [e.today, e.due_on, e.words, e.calendar] as const))("%s, due %s: %s", (today, due, words, calendar) => {
    expect(clockWords(today, due, calendar)).toBe(words);
  });
});
