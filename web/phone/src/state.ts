/** What the screens watch: one snapshot of the parcels, one of the outbox, one status. */

import { liveQuery } from "dexie";
import { computed, ref, shallowRef, type Ref } from "vue";
import { app } from "./app";
import { dayOf } from "./kernel/time";
import { touchesOf, type Touches } from "./letters";
import type { Draft, Trouble, Waiting } from "./outbox/db";
import { openDrafts, readDrafts, sweepPhotos } from "./outbox/drafts";
import type { Shown } from "./outbox/seal";
import { browserShelf, readMark, writeMark, type Mark } from "./outbox/marker";
import { photosToSend } from "./sync/photos";
import { WEEKENDS } from "./store/clock_words";
import { commonPlace, NOTHING, type Pending, type Snapshot } from "./store/view";
import type { SyncState } from "./sync/loop";
import { statusLine } from "./words/status";

export const snapshot = shallowRef<Snapshot>(NOTHING);
export const waiting = shallowRef<Shown<Waiting>[]>([]);
export const troubles = shallowRef<Shown<Trouble>[]>([]);
export const drafts = shallowRef<Draft[]>([]);
/** Those that are there and cannot be read now. */
export const closedDrafts = shallowRef<string[]>([]);
export const syncState = shallowRef<SyncState>({ busy: false, last: "none" });
export const online = ref(navigator.onLine);
export const now = ref(Date.now());
/** False until storage has been read once: before that no screen may say "nothing here". */
export const loaded = ref(false);

interface Enrolled {
  credential: boolean;
  refused: boolean;
  deviceId: string;
  deviceName: string;
  deliveredAt: number | null;
}

export const enrolled = shallowRef<Enrolled>({
  credential: false, refused: false, deviceId: "", deviceName: "", deliveredAt: null,
});

/** Are there digits, and do they have to be asked for? */
export const pin = shallowRef({ has: false, locked: false });

/** Photos that may go but have not gone. */
export const photos = ref(0);
/** Why some of them do not go, where somebody has to do something. */
export const stuckPhotos = shallowRef<string[]>([]);
const fresh = shallowRef<Touches[]>([]);

/** Today by the office's clock, as far as this phone knows it. */
export const today = computed(() => dayOf(now.value + snapshot.value.clockOffset));
export const calendar = computed(() => snapshot.value.catalogue?.calendar ?? WEEKENDS);

/** What is written down but not yet in a parcel. */
export const pending = computed<Pending>(() => {
  const all: Pending = { visited: new Map(), added: new Set(), rated: new Set() };
  for (const t of [...waiting.value.map((w) => touchesOf(w.said ?? "")), ...fresh.value]) {
    if (t.household_id && t.visited_on) all.visited.set(t.household_id, t.visited_on);
    if (t.matter_id) all.added.add(t.matter_id);
    if (t.ref) all.rated.add(t.ref);
  }
  return all;
});

export const status = computed(() => statusLine({
  enrolled: enrolled.value.credential,
  refused: enrolled.value.refused,
  lapsed: snapshot.value.lapsed,
  online: online.value,
  busy: syncState.value.busy,
  last: syncState.value.last,
  waiting: waiting.value.length,
  photos: photos.value,
  pulledAt: snapshot.value.pulledAt,
  deliveredAt: enrolled.value.deliveredAt,
  now: now.value,
}));

/** What the phone lost when the browser cleared its storage; null when it did not. */
export const lost = shallowRef<Mark | null>(null);

/** Keep the mark outside the database equal to what is in it. */
async function keepMark(): Promise<Mark | null> {
  const { box } = app();
  const device = await box.fact("device_id", "");
  const mark = device ? { device, seq: await box.fact("seq", 0), waiting: await box.waiting.count() } : null;
  if (mark) writeMark(browserShelf(), mark);
  return mark;
}

/** Start watching storage. Resolves when everything has been read once. */
export async function watchStorage(): Promise<void> {
  const { box, parcels, seal } = app();
  window.addEventListener("online", () => { online.value = true; });
  window.addEventListener("offline", () => { online.value = false; });
  window.setInterval(() => { now.value = Date.now(); }, 20_000);
  document.addEventListener("visibilitychange", () => { now.value = Date.now(); });
  await Promise.all([
    watch(readSnapshot, snapshot),
    watch(async () => seal.shown(await box.waiting.orderBy("seq").toArray()), waiting),
    watch(async () => seal.shown(await box.trouble.orderBy("at").reverse().toArray()), troubles),
    watch(async () => {
      const found = await readDrafts(seal, await box.drafts.orderBy("updated_at").reverse().toArray());
      closedDrafts.value = found.closed;
      return found.open;
    }, drafts),
    watch(async () => {
      const ready = await photosToSend(box);
      stuckPhotos.value = [...new Set(ready.flatMap((photo) => photo.stuck ?? []))];
      return ready.length;
    }, photos),
    watch(async () => (await seal.shown(await box.journal.where("fresh").equals(1).toArray())).map((j) => touchesOf(j.said ?? "")), fresh),
    watch(readEnrolled, enrolled),
    watch(async () => ({ has: await parcels.lease.hasPin(), locked: await parcels.lease.isLocked() }), pin),
    watch(keepMark, shallowRef<Mark | null>(null)),
    openDrafts(box),
    sweepPhotos(box, Date.now()),
  ]);
  if (!enrolled.value.deviceId) lost.value = readMark(browserShelf());
  loaded.value = true;

  async function readSnapshot(): Promise<Snapshot> {
    const { parcels: held, facts } = await parcels.read();
    return {
      parcels: held,
      mine: facts.mine?.matters ?? NOTHING.mine,
      settled: facts.mine?.letters ?? NOTHING.settled,
      catalogue: facts.catalogue ?? null,
      person: facts.person ?? null,
      places: facts.places ?? NOTHING.places,
      demo: facts.demo === true,
      pulledAt: facts.pulled_at ?? null,
      clockOffset: facts.clock_offset ?? 0,
      minSchema: facts.min_schema ?? 1,
      place: facts.place ?? commonPlace(held.map((parcel) => parcel.grid)),
      lapsed: facts.lapsed === true,
      pin: facts.pin === true,
    };
  }

  async function readEnrolled(): Promise<Enrolled> {
    return {
      credential: (await box.fact<string | null>("credential", null)) !== null,
      refused: await box.fact("refused", false),
      deviceId: await box.fact("device_id", ""),
      deviceName: await box.fact("device_name", ""),
      deliveredAt: await box.fact<number | null>("delivered_at", null),
    };
  }
}

/** Keep `target` equal to what the query gives, in every open window. Resolves after the first answer. */
function watch<T>(query: () => Promise<T>, target: Ref<T>): Promise<void> {
  return new Promise((resolve, reject) => {
    liveQuery(query).subscribe({
      next: (value) => {
        target.value = value;
        now.value = Date.now();
        resolve();
      },
      error: reject,
    });
  });
}
