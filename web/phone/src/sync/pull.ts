/** Parcels down: one round trip; afterwards the phone's copy of my grids equals the office's. */

import type { Clock } from "../kernel/time";
import { letGo, markPhotos, unmarkedPhotos } from "../outbox/covered";
import type { Outbox } from "../outbox/db";
import { seenByPull, turnEpoch } from "../outbox/settle";
import { factRows, parcelRow, type KeptFacts, type Parcels } from "../store/db";
import { commonPlace } from "../store/view";
import type { Api, Failure, PullAnswer, PullAsk } from "./api";

export interface PullPorts {
  box: Outbox;
  parcels: Parcels;
  api: Api;
  clock: Clock;
}

/** `renew`: the office asks for a new credential. */
export type PullEnd = { end: "done" | "refused" | "unreachable"; wait: number; renew?: boolean };

export async function pull(ports: PullPorts): Promise<PullEnd> {
  const { box, parcels, api, clock } = ports;
  for (let attempt = 0; attempt < 2; attempt++) {
    const settledBefore = await box.journal.where("fresh").equals(1).primaryKeys();
    const photosBefore = await unmarkedPhotos(box);
    const ask = await whatIHave(parcels);
    const answer = await api.pull(ask);
    if (!answer.ok) return failed(box, answer);
    if (!isAnswer(answer.body)) return { end: "unreachable", wait: 0 };
    await turnEpoch(box, answer.body.epoch);
    const known = await parcels.fact("epoch");
    if (known !== null && known !== answer.body.epoch) {
      // What differs was reckoned against versions of another epoch: forget them and ask once more.
      await parcels.dropParcels();
      continue;
    }
    await keep(parcels, answer.body, clock);
    await seenByPull(box, settledBefore);
    await heed(box, answer.body, photosBefore);
    return { end: "done", wait: 0, renew: answer.body.renew === true };
  }
  return { end: "unreachable", wait: 0 };
}

/** What the office says of its backups. */
async function heed(box: Outbox, answer: PullAnswer, photosBefore: string[]): Promise<void> {
  if (typeof answer.mark === "number") await markPhotos(box, photosBefore, answer.epoch, answer.mark);
  if (typeof answer.covered === "number") await letGo(box, answer.epoch, answer.covered);
}

async function whatIHave(parcels: Parcels): Promise<PullAsk> {
  const mine = await parcels.fact("mine");
  const catalogue = await parcels.fact("catalogue");
  return { have: await parcels.versions(), mine: mine?.version ?? null, catalogue: catalogue?.etag ?? null };
}

/** All of the answer or nothing. A parcel older than the one held (a late copy of an answer) changes nothing. Sealed
 * before it is written: a transaction does not wait for cryptography. */
async function keep(parcels: Parcels, answer: PullAnswer, clock: Clock): Promise<void> {
  const now = clock.now();
  const lent = await parcels.lease.renew(now, answer.lease_hours);
  const sealed = await Promise.all(answer.parcels.map((parcel) => parcelRow(lent, parcel)));
  const facts = await factRows(lent, factsOf(answer, now));
  await parcels.transaction("rw", [parcels.parcels, parcels.facts], async () => {
    for (const row of sealed) {
      const held = await parcels.parcels.get(row.grid);
      if (!held || held.key !== row.key || held.version <= row.version) await parcels.parcels.put(row);
    }
    const mineNow = new Set(Object.keys(answer.grids));
    const foreign = (await parcels.parcels.toCollection().primaryKeys()).filter((grid) => !mineNow.has(grid));
    await parcels.parcels.bulkDelete([...new Set([...answer.gone, ...foreign])]);
    await parcels.facts.bulkPut(facts);
  });
}

function factsOf(answer: PullAnswer, now: number): Partial<KeptFacts> {
  const office = Date.parse(answer.server_time);
  return {
    person: answer.person, epoch: answer.epoch, pulled_at: now, lapsed: false, place: commonPlace(Object.keys(answer.grids)),
    pin: answer.pin === true,
    ...(answer.mine ? { mine: answer.mine } : {}),
    ...(answer.catalogue ? { catalogue: answer.catalogue } : {}),
    ...(answer.demo === undefined ? {} : { demo: answer.demo }),
    ...(answer.places && Object.keys(answer.places).length ? { places: answer.places } : {}),
    ...(Number.isFinite(office) ? { clock_offset: office - now } : {}),
  };
}

async function failed(box: Outbox, answer: Failure): Promise<PullEnd> {
  if (answer.status === 401) {
    await box.setFact("refused", true);
    return { end: "refused", wait: 0 };
  }
  return { end: "unreachable", wait: answer.wait };
}

function isAnswer(body: unknown): body is PullAnswer {
  const b = body as PullAnswer | null;
  return typeof b?.epoch === "string" && Array.isArray(b.parcels) && Array.isArray(b.gone) &&
    typeof b.grids === "object" && b.grids !== null;
}
