/**
 * The part of the key that can really be deleted: 32 random bytes as a response in the browser's cache storage, which
 * keeps each in a file of its own and deletes that file. Nothing ever asks the office for its address. Where there is
 * no cache storage (Node, a page not on HTTPS) it lies beside the other part.
 */

import type { Lease } from "./lease";

const address = (id: string): string => `/phone/lease/${id}`;

export async function keepPart(lease: Lease, id: string, part: Uint8Array<ArrayBuffer>): Promise<void> {
  if (globalThis.caches) await (await caches.open(lease.name)).put(address(id), new Response(part));
  else await lease.facts.put({ name: "part", value: part });
}

export async function readPart(lease: Lease, id: string): Promise<Uint8Array<ArrayBuffer> | null> {
  if (!globalThis.caches) return ((await lease.facts.get("part"))?.value as Uint8Array<ArrayBuffer> | undefined) ?? null;
  const found = await caches.match(address(id), { cacheName: lease.name });
  return found ? new Uint8Array(await found.arrayBuffer()) : null;
}

/** Each file by itself first: a cache that is still open somewhere is deleted late. */
export async function dropPart(lease: Lease): Promise<void> {
  if (!globalThis.caches || !(await caches.has(lease.name))) return;
  const cache = await caches.open(lease.name);
  await Promise.all((await cache.keys()).map((key) => cache.delete(key)));
  await caches.delete(lease.name);
}
