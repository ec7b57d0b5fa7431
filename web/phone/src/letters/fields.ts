/** Checks that several letter kinds share; the same limits as in contracts/letters/. */

export type Fields = Record<string, unknown>;

/** A reason in code words, or null when the field is as it should be. */
export type Check = (value: unknown) => boolean;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export const isUuid: Check = (v) => typeof v === "string" && UUID.test(v);
export const isWords: Check = (v) => isText(v, 5000) && /\S/.test(v as string);
export const isShort: Check = (v) => isText(v, 200);
export const isCategory: Check = (v) => typeof v === "string" && /^[a-z][a-z0-9_.-]{0,63}$/.test(v);
export const isVisibility: Check = (v) => v === "ordinary" || v === "sensitive" || v === "about_official";
export const isDay: Check = (v) => typeof v === "string" && /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(v);

/** Text of 1 to `max` characters that a database can take. */
export function isText(v: unknown, max: number): boolean {
  if (typeof v !== "string" || v.length === 0) return false;
  return Array.from(v).length <= max && !/[\u0000\ud800-\udfff]/u.test(v);
}

export function isObject(v: unknown): v is Fields {
  return typeof v === "object" && v !== null && !Array.isArray(v);
}

/** A number within bounds. */
export function within(low: number, high: number): Check {
  return (v) => typeof v === "number" && v >= low && v <= high;
}

/** Null when `v` has every required field, no unknown one and each fits; else the name of the first wrong field. */
export function wrongField(v: unknown, required: Record<string, Check>, optional: Record<string, Check> = {}): string | null {
  if (!isObject(v)) return "body";
  for (const [name, check] of Object.entries(required)) {
    if (!(name in v) || !check(v[name])) return name;
  }
  for (const [name, value] of Object.entries(v)) {
    if (name in required) continue;
    const check = optional[name];
    if (!check || !check(value)) return name;
  }
  return null;
}
