/** The phone's copy of what the office holds for my grids. Can be dropped and pulled again at any time. */

import Dexie, { type Table } from "dexie";
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
}

export class Parcels extends Dexie {
  parcels!: Table<Parcel, string>;
  facts!: Table<{ name: string; value: unknown }, string>;

  constructor(options: { name?: string; indexedDB?: IDBFactory; IDBKeyRange?: typeof IDBKeyRange } = {}) {
    const { name = "lianhu-parcels", ...engine } = options;
    super(name, { chromeTransactionDurability: "strict", ...engine });
    this.version(1).stores({ parcels: "grid", facts: "name" });
  }

  async fact<K extends keyof KeptFacts>(name: K): Promise<KeptFacts[K] | null> {
    const found = await this.facts.get(name);
    return found === undefined ? null : (found.value as KeptFacts[K]);
  }

  async setFact<K extends keyof KeptFacts>(name: K, value: KeptFacts[K]): Promise<void> {
    await this.facts.put({ name, value });
  }

  async keepMe(me: Me): Promise<void> {
    await this.setFact("places", me.places ?? {});
    await this.setFact("demo", me.demo === true);
    await this.setFact("person", me.person);
    await this.setFact("min_schema", me.min_schema ?? 1);
  }

  /** Forget every parcel and what is mine; the catalogue is no secret of anyone's and stays. */
  async dropParcels(): Promise<void> {
    await this.transaction("rw", [this.parcels, this.facts], async () => {
      await this.parcels.clear();
      await this.facts.delete("mine");
      await this.facts.delete("epoch");
    });
  }

  /** Forget everything: the phone changes hands. */
  async dropAll(): Promise<void> {
    await this.transaction("rw", [this.parcels, this.facts], async () => {
      await Promise.all([this.parcels.clear(), this.facts.clear()]);
    });
  }
}
