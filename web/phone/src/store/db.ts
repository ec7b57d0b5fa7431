/**
 * The phone's copy of what the office holds for my grids: sealed under a key that the office lends (lease.ts). Can be
 * dropped and pulled again at any time.
 */

import Dexie, { type Table } from "dexie";
import { openText, sealText, type Sealed } from "../kernel/sealing";
import { shown } from "../kernel/signs";
import { Lease, type Held } from "./lease";
import type { Catalogue, Matter, Me, Parcel, Person, Settled } from "./types";

export interface KeptFacts {
  epoch: string;
  person: Person;
  places: Record<string, string>;
  demo: boolean;
  /** The oldest way of writing letters that the office still reads. */
  min_schema: number;
  mine: { version: number; matters: Matter[]; letters?: Settled[] };
  catalogue: Catalogue;
  /** Wall clock of the phone at the last full pull, milliseconds. */
  pulled_at: number;
  /** What to add to the phone's clock to get the office's, milliseconds. */
  clock_offset: number;
  /** The code of what all my grids share: reports name it, also while the copy is gone. */
  place: string;
  /** The county asks for digits before the copy opens. */
  pin: boolean;
  /** The copy was given back because the office was not reached for too long. */
  lapsed: boolean;
}
type Name = keyof KeptFacts;

/** Facts that speak of people; the others are the same on every phone, or say nothing of anybody. */
const OF_PEOPLE: Name[] = ["person", "places", "mine"];

export interface ParcelRow {
  grid: string;
  version: number;
  /** Which key it needs. */
  key: string;
  sealed: Sealed;
}
export type FactRow = { name: string; value: unknown } | { name: string; key: string; sealed: Sealed };

export class Parcels extends Dexie {
  parcels!: Table<ParcelRow, string>;
  facts!: Table<FactRow, string>;
  readonly lease: Lease;

  constructor(options: { name?: string; indexedDB?: IDBFactory; IDBKeyRange?: typeof IDBKeyRange } = {}) {
    const { name = "lianhu-parcels", ...engine } = options;
    super(name, { chromeTransactionDurability: "strict", ...engine });
    this.version(1).stores({ parcels: "grid", facts: "name" });
    this.lease = new Lease(name.replace(/parcels$/, "lease"), engine);
  }

  /** Everything that opens, read at one moment: whole parcels in the order of their codes, and facts by name. */
  async read(): Promise<{ parcels: Parcel[]; facts: Partial<KeptFacts> }> {
    const held = await this.lease.held();
    const [rows, facts] = await this.transaction("r", [this.parcels, this.facts], () =>
      Promise.all([this.parcels.orderBy("grid").toArray(), this.facts.toArray()]));
    const parcels = await Promise.all(rows.map((row) => opened(held, row.grid, row) as Promise<Parcel | null>));
    const values = await Promise.all(facts.map(async (row) => [row.name, await opened(held, row.name, row)] as const));
    return {
      parcels: parcels.filter((parcel) => parcel !== null),
      facts: Object.fromEntries(values.filter(([, value]) => value !== null)) as Partial<KeptFacts>,
    };
  }

  async all(): Promise<Parcel[]> {
    return (await this.read()).parcels;
  }

  async fact<K extends Name>(name: K): Promise<KeptFacts[K] | null> {
    const found = await this.facts.get(name);
    if (found === undefined) return null;
    return (await opened(await this.lease.held(), name, found)) as KeptFacts[K] | null;
  }

  /** The versions of what this phone holds and can open. */
  async versions(): Promise<Record<string, number>> {
    const held = await this.lease.held();
    const rows = (await this.parcels.toArray()).filter((row) => row.key === held?.id);
    return Object.fromEntries(rows.map((row) => [row.grid, row.version]));
  }

  async keepMe(me: Me, now: number): Promise<void> {
    const held = await this.lease.renew(now, me.lease_hours);
    await this.facts.bulkPut(await factRows(held, {
      places: me.places ?? {}, demo: me.demo === true, person: me.person, min_schema: me.min_schema ?? 1,
    }));
  }

  /** Forget every parcel and what is mine; the catalogue is no secret of anyone's and stays. */
  async dropParcels(): Promise<void> {
    await this.transaction("rw", [this.parcels, this.facts], async () => {
      await this.parcels.clear();
      await this.facts.bulkDelete(["mine", "epoch"]);
    });
  }

  /** Look at the lease: when it is over, key and copy go. Gives whether they went. */
  async heedLease(now: number): Promise<boolean> {
    if (!(await this.lease.isOver(now))) return false;
    await this.wipe();
    await this.facts.put({ name: "lapsed", value: true });
    return true;
  }

  /** Key and copy go; what is not of people stays, so that one can go on writing. */
  async wipe(): Promise<void> {
    await this.lease.wipe();
    await this.transaction("rw", [this.parcels, this.facts], async () => {
      await this.parcels.clear();
      await this.facts.bulkDelete([...OF_PEOPLE, "epoch"]);
    });
  }

  /** Forget everything: the phone changes hands. */
  async dropAll(): Promise<void> {
    await this.wipe();
    await this.lease.forgetPin();
    await this.facts.clear();
  }

  /** A copy from before it was sealed is sealed now. */
  async sealOld(now: number): Promise<void> {
    const rows = ((await this.parcels.toArray()) as unknown as (Parcel & Partial<ParcelRow>)[]).filter((row) => !row.sealed);
    const facts = (await this.facts.toArray()).filter((row) => "value" in row && OF_PEOPLE.includes(row.name as Name));
    if (rows.length + facts.length === 0) return;
    const values = Object.fromEntries(facts.map((row) => [row.name, (row as { value: unknown }).value]));
    const held = await this.lease.renew(now);
    await this.parcels.bulkPut(await Promise.all(rows.map((row) => parcelRow(held, row))));
    await this.facts.bulkPut(await factRows(held, values));
  }
}

export async function parcelRow(held: Held, parcel: Parcel): Promise<ParcelRow> {
  return { grid: parcel.grid, version: parcel.version, key: held.id, sealed: await sealText(held.key, JSON.stringify(parcel), parcel.grid) };
}

/** Facts as they are kept: those of people sealed. */
export async function factRows(held: Held, facts: Partial<KeptFacts>): Promise<FactRow[]> {
  return Promise.all(Object.entries(facts).map(async ([name, value]): Promise<FactRow> => (
    OF_PEOPLE.includes(name as Name) ? { name, key: held.id, sealed: await sealText(held.key, JSON.stringify(value), name) } : { name, value }
  )));
}

async function opened(held: Held | null, about: string, row: ParcelRow | FactRow): Promise<unknown> {
  if ("value" in row) return row.value;
  if (row.key === undefined || row.key !== held?.id) return null;
  const text = await openText(held.key, row.sealed, about);
  return text === null ? null : JSON.parse(shown(text));
}
