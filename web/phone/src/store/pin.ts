/**
 * Six digits before the copy opens, where the county asks for them or the person likes it so.
 *
 * They close the part of the key that lies in its own file. Six digits alone can be tried out by whoever copies the
 * files and has a few days' time; here in the app they cannot: a try is counted before it is looked at, from the sixth
 * on each takes its time, after the tenth the copy is gone. What was written is never behind the digits.
 */

import { openText, sealText, type Sealed } from "../kernel/sealing";

export interface PinRow {
  salt: Uint8Array<ArrayBuffer>;
  /** Opens with the right digits, and says nothing. */
  check: Sealed;
  /** Wrong ones since the last right ones. */
  tries: number;
}

export const DIGITS = 6;
/** So many may be wrong without waiting, and so many in all. */
export const FREE = 5;
export const MOST = 10;
export const WAIT_MS = 30_000;
/** OWASP's figure for PBKDF2-HMAC-SHA-256. */
const ROUNDS = 600_000;

export const isPin = (digits: string): boolean => /^\d{6}$/.test(digits);

/** Never behind the digits: reports, and what was written. */
const OPEN_PAGES: readonly string[] = ["report", "saved", "outbox", "enrol"];

/** Digits were not given yet, are there at all, are asked for by the county; and does the phone hold anything. */
export interface Standing {
  locked: boolean;
  has: boolean;
  asked: boolean;
  holds: boolean;
}

/** Do the digits stand before this page: to be given, or to be chosen first? Not where nothing can be closed with them. */
export function stands(page: string, now: Standing): boolean {
  const choose = now.asked && !now.has && now.holds && globalThis.crypto?.subtle !== undefined;
  return (now.locked || choose) && !OPEN_PAGES.includes(page);
}

/** A new row, and the key that the digits give. */
export async function newPin(digits: string): Promise<{ row: PinRow; key: CryptoKey }> {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const key = await keyOf(digits, salt);
  return { row: { salt, check: await sealText(key, "", "check"), tries: 0 }, key };
}

/** The key, when these are the digits; else null. */
export async function tryPin(digits: string, row: PinRow): Promise<CryptoKey | null> {
  const key = await keyOf(digits, row.salt);
  return (await openText(key, row.check, "check")) === null ? null : key;
}

async function keyOf(digits: string, salt: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  const base = await crypto.subtle.importKey("raw", new TextEncoder().encode(digits), "PBKDF2", false, ["deriveKey"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt: new Uint8Array(salt), iterations: ROUNDS };
  return crypto.subtle.deriveKey(how, base, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}

/** The part of the key closed by the digits: what lies in the file. */
export async function closePart(key: CryptoKey, part: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  return new Uint8Array([...iv, ...new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, part))]);
}

export async function openPart(key: CryptoKey, closed: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const iv = closed.slice(0, 12);
  return new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv }, key, closed.slice(12)));
}
