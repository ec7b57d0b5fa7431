/** The office's address book: each call of the phone API, and what may come of it. Never throws. */

import { gzip } from "../kernel/bytes";
import type { Waiting } from "../outbox/db";
import type { LetterResult } from "../outbox/settle";
import type { Catalogue, Matter, Me, Parcel, Person, Settled } from "../store/types";

/** Why a call did not succeed. `status` 0: the office was not reached, or something else answered in its place. */
export interface Failure {
  ok: false;
  status: number;
  code: string;
  title: string;
  /** Milliseconds the office asks us to wait, or 0. */
  wait: number;
  body: Record<string, unknown>;
}
export type Answer<T> = { ok: true; body: T; status: number; headers: Headers } | Failure;

export interface LettersAnswer {
  epoch: string;
  mark?: number;
  results: LetterResult[];
}

export interface PullAsk {
  have: Record<string, number>;
  mine: number | null;
  catalogue: string | null;
}

export interface PullAnswer {
  epoch: string;
  /** See outbox/covered.ts. */
  mark?: number;
  covered?: number;
  lease_hours?: number;
  pin?: boolean;
  renew?: boolean;
  person: Person;
  server_time: string;
  grids: Record<string, number>;
  parcels: Parcel[];
  gone: string[];
  places?: Record<string, string>;
  demo?: boolean;
  mine?: { version: number; matters: Matter[]; letters?: Settled[] };
  catalogue?: Catalogue;
}

export interface Enrolment {
  device_id: string;
  credential: string;
  /** Digits to show until the desk has confirmed this phone. */
  confirm?: string;
}

export interface RenewAsk {
  device_id: string;
  challenge: string;
  next: string;
  proof: string;
  public_key?: string;
}

export interface ApiPorts {
  fetch: typeof fetch;
  /** Where the office is, without a slash at the end; empty on its own page. */
  base: string;
  credential(): Promise<string | null>;
  /** What the office is told with each call, so that somebody can help when letters do not arrive. */
  outbox?(): Promise<{ last: number; photos: number }>;
}

export type Api = ReturnType<typeof createApi>;

/** A body above this many characters is worth compressing. */
const WORTH_GZIP = 1024;
const PATIENCE_MS = 45_000;

export function createApi(ports: ApiPorts) {
  let gzipTaken = true;

  async function call<T>(method: string, path: string, init: { json?: unknown; raw?: BodyInit; headers?: Record<string, string>; open?: boolean } = {}): Promise<Answer<T>> {
    const headers: Record<string, string> = { Accept: "application/json", ...init.headers };
    const credential = init.open ? null : await ports.credential();
    if (credential) headers.Authorization = `Bearer ${credential}`;
    const told = credential ? await ports.outbox?.().catch(() => null) : null;
    if (told) headers["Lianhu-Outbox"] = `last=${told.last}; photos=${told.photos}`;
    let body = init.raw;
    let zipped = false;
    if (init.json !== undefined) {
      const text = JSON.stringify(init.json);
      headers["Content-Type"] = "application/json";
      const small = gzipTaken && text.length > WORTH_GZIP ? await gzip(text) : null;
      if (small) headers["Content-Encoding"] = "gzip";
      zipped = small !== null;
      body = small ?? text;
    }
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), PATIENCE_MS);
    try {
      const response = await ports.fetch(ports.base + path, {
        method, headers, body: body ?? null, signal: patience.signal, cache: "no-store", credentials: "omit",
      });
      if (response.status === 415 && zipped) {
        gzipTaken = false;
        return await call<T>(method, path, init);
      }
      return await read<T>(response, method);
    } catch {
      return failure(0, "unreachable");
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    enrol: (ask: { token: string; device_name: string; public_key?: string; proof?: string; continues?: string; first_seq?: number }) =>
      call<Enrolment>("POST", "/api/phone/enrol", { json: ask, open: true }),
    enrolment: (credential: string) =>
      call<{ confirmed: boolean }>("GET", "/api/phone/enrolment", { open: true, headers: { Authorization: `Bearer ${credential}` } }),
    challenge: (device_id: string) => call<{ challenge: string }>("POST", "/api/phone/challenge", { json: { device_id }, open: true }),
    renew: (ask: RenewAsk) => call<{ taken: string }>("POST", "/api/phone/credential", { json: ask, open: !ask.public_key }),
    me: () => call<Me>("GET", "/api/phone/me"),
    pull: (ask: PullAsk) => call<PullAnswer>("POST", "/api/phone/parcels", { json: ask }),
    letters: (batch: Waiting[]) => call<LettersAnswer>("POST", "/api/phone/letters", { json: lettersBody(batch) }),
    half: (ask: { id: string; text: string }) => call<{ text: string }>("POST", "/api/phone/half", { json: ask }),
    mediaState: (sha256: string) => call<null>("HEAD", `/api/phone/media/${sha256}`),
    mediaPart: (sha256: string, part: Uint8Array<ArrayBuffer>, first: number, total: number, type: string) =>
      call<{ received?: number; media_ok?: boolean }>("PUT", `/api/phone/media/${sha256}`, {
        raw: new Blob([part]),
        headers: { "Content-Range": `bytes ${first}-${first + part.length - 1}/${total}`, "Content-Type": type },
      }),
  };
}

/** The body of a batch, exactly as it is sent. */
export function lettersBody(batch: Waiting[]): { letters: Pick<Waiting, "id" | "sha256" | "text" | "media">[] } {
  return { letters: batch.map(({ id, sha256, text, media }) => ({ id, sha256, text, media })) };
}

async function read<T>(response: Response, method: string): Promise<Answer<T>> {
  let body: unknown = null;
  if (method !== "HEAD" && response.status !== 204) {
    try {
      body = await response.json();
    } catch {
      // A page of some guest network answering in the office's place, or an answer cut off on the way.
      if (response.ok) return failure(0, "not_the_office");
    }
  }
  if (response.ok) return { ok: true, body: body as T, status: response.status, headers: response.headers };
  const problem = (typeof body === "object" && body !== null ? body : {}) as Record<string, unknown>;
  const wait = Number(response.headers.get("Retry-After") ?? 0) * 1000;
  return {
    ok: false, status: response.status, code: String(problem.code ?? `http_${response.status}`),
    title: String(problem.title ?? ""), wait: Number.isFinite(wait) && wait > 0 ? wait : 0, body: problem,
  };
}

function failure(status: number, code: string): Failure {
  return { ok: false, status, code, title: "", wait: 0, body: {} };
}
