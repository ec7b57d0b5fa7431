/**
 * An IndexedDB on disk for Node: fake-indexeddb with a copy of its databases in a file.
 *
 * A transaction's "complete" is told to the app only once its bytes are in the file (fsync, rename), as a browser does
 * with strict durability; so `kill -9` of this process loses exactly what was not complete. With relaxed durability
 * the file follows some time later, as a browser's does. fake-indexeddb's own tables are read for the copy, and filled
 * again through the public API.
 */

import { KeyObject } from "node:crypto";
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { deserialize, serialize } from "node:v8";
import "fake-indexeddb/auto";
import FDBTransaction from "fake-indexeddb/lib/FDBTransaction";

interface RawIndex { name: string; keyPath: string | string[]; multiEntry: boolean; unique: boolean }
interface RawStore {
  keyPath: string | string[] | null;
  autoIncrement: boolean;
  records: { values(): Iterable<{ key: IDBValidKey; value: unknown }> };
  rawIndexes: Map<string, RawIndex>;
}
interface RawDatabase { name: string; version: number; rawObjectStores: Map<string, RawStore> }

interface KeptStore { name: string; keyPath: string | string[] | null; autoIncrement: boolean; indexes: RawIndex[]; rows: [IDBValidKey, unknown][] }
interface Kept { name: string; version: number; stores: KeptStore[] }

/** How long a relaxed transaction may stay in memory only. */
const RELAXED_MS = 3_000;

let file = "";
const living = new Map<string, RawDatabase>();
let late: NodeJS.Timeout | null = null;

function write(): void {
  const kept: Kept[] = [...living.values()].map((db) => ({
    name: db.name, version: db.version,
    stores: [...db.rawObjectStores].map(([name, store]) => ({
      name, keyPath: store.keyPath, autoIncrement: store.autoIncrement,
      indexes: [...store.rawIndexes].map(([index, raw]) => ({ name: index, keyPath: raw.keyPath, multiEntry: raw.multiEntry, unique: raw.unique })),
      rows: [...store.records.values()].map((r) => [r.key, packed(r.value)] as [IDBValidKey, unknown]),
    })),
  }));
  const there = openSync(`${file}.new`, "w");
  writeSync(there, serialize(kept));
  fsyncSync(there);
  closeSync(there);
  renameSync(`${file}.new`, file);
}

/** Keys of the platform cannot be copied to a file as they are. */
function packed(value: unknown): unknown {
  const row = value as { value?: unknown } | null;
  if (row !== null && typeof row === "object" && row.value instanceof CryptoKey) {
    const secret = KeyObject.from(row.value as never).export({ format: "jwk" } as never);
    return { ...row, value: { jwk: secret, kind: row.value.algorithm.name, uses: row.value.usages } };
  }
  const pair = row?.value as Partial<CryptoKeyPair> | null | undefined;
  if (pair?.privateKey instanceof CryptoKey) {
    return { ...row, value: { own: KeyObject.from(pair.privateKey as never).export({ format: "jwk" } as never) } };
  }
  return value;
}

/** A phone's own pair, from its private half. */
async function pairOf(own: JsonWebKey): Promise<CryptoKeyPair> {
  const how = { name: "ECDSA", namedCurve: "P-256" };
  const { kty, crv, x, y } = own;
  return {
    privateKey: await crypto.subtle.importKey("jwk", { kty, crv, x, y, d: own.d }, how, false, ["sign"]),
    publicKey: await crypto.subtle.importKey("jwk", { kty, crv, x, y }, how, true, ["verify"]),
  };
}

async function unpacked(value: unknown): Promise<unknown> {
  const own = (value as { value?: { own?: JsonWebKey } | null } | null)?.value?.own;
  if (own) return { ...(value as object), value: await pairOf(own) };
  const row = value as { value?: { jwk?: { k?: string }; kind?: string; uses?: KeyUsage[] } } | null;
  if (row !== null && typeof row === "object" && row.value?.jwk) {
    const { jwk, kind, uses } = row.value;
    const key = await crypto.subtle.importKey("raw", Buffer.from(jwk.k!, "base64url"), { name: kind! }, kind !== "HKDF", uses!);
    return { ...row, value: key };
  }
  return value;
}

function opened(kept: Kept): Promise<void> {
  return new Promise((done, failed) => {
    const ask = indexedDB.open(kept.name, kept.version);
    ask.onupgradeneeded = () => {
      for (const s of kept.stores) {
        const store = ask.result.createObjectStore(s.name, { keyPath: s.keyPath, autoIncrement: s.autoIncrement } as IDBObjectStoreParameters);
        for (const i of s.indexes) store.createIndex(i.name, i.keyPath, { multiEntry: i.multiEntry, unique: i.unique });
        for (const [key, row] of s.rows) if (s.keyPath === null) store.put(row, key); else store.put(row);
      }
    };
    ask.onsuccess = () => { ask.result.close(); done(); };
    ask.onerror = () => failed(ask.error);
  });
}

/** Bring back what the file holds, then keep it in step. Call before anything opens a database. */
export async function onDisk(path: string): Promise<void> {
  file = path;
  if (existsSync(path)) {
    const kept = deserialize(readFileSync(path)) as Kept[];
    for (const db of kept) {
      for (const store of db.stores) for (const pair of store.rows) pair[1] = await unpacked(pair[1]);
      await opened(db);
    }
  }
  const proto = FDBTransaction.prototype as unknown as { dispatchEvent(event: { type: string }): unknown; mode: string };
  const tell = proto.dispatchEvent;
  proto.dispatchEvent = function (this: { mode: string; durability?: string; db: { _rawDatabase: RawDatabase } }, event) {
    if (event.type === "complete" && this.mode !== "readonly") {
      const raw = this.db._rawDatabase;
      living.set(raw.name, raw);
      if (this.durability === "strict" || this.mode === "versionchange") write();
      else late ??= setTimeout(() => { late = null; write(); }, RELAXED_MS);
    }
    return tell.call(this, event);
  } as typeof tell;
}
