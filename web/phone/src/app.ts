/** Where everything is put together: storage, office, uploader. The only file that knows the browser's own ports. */

import { systemClock } from "./kernel/time";
import { Outbox } from "./outbox/db";
import { DraftKeeper } from "./outbox/drafts";
import { keepBallast } from "./outbox/room";
import { Seal } from "./outbox/seal";
import { overtaken } from "./install";
import { Parcels } from "./store/db";
import { unsentPhotos } from "./sync/photos";
import { createApi, type Api } from "./sync/api";
import { pageLocks, Sync, type Locks, type SyncState } from "./sync/loop";

export interface App {
  box: Outbox;
  parcels: Parcels;
  seal: Seal;
  api: Api;
  sync: Sync;
  keeper: DraftKeeper;
}

/** How often the lease of the copy is looked at while the app is open. */
const LOOK_MS = 60_000;

let opened: App | null = null;

/** The one app of this page; `openApp` has to have run. */
export function app(): App {
  if (!opened) throw new Error("app not open");
  return opened;
}

/** Open storage and start the uploader. Throws only when the outbox itself cannot be opened. */
export async function openApp(report: (state: SyncState) => void, blocked: () => void): Promise<App> {
  const box = new Outbox();
  // An older page of this app is still open and holds the storage of before an upgrade.
  box.on("blocked", blocked);
  // A newer page upgraded the storage: this one gives way, opens it anew when it needs it, and says so.
  box.on("versionchange", () => { overtaken.value = true; });
  await box.open();
  await keepBallast(box).catch(() => undefined);
  const parcels = await openParcels();
  const heed = (): void => void parcels.heedLease(Date.now()).catch((error: unknown) => console.warn("lease", (error as Error)?.name));
  window.setInterval(heed, LOOK_MS);
  const api = createApi({
    fetch: (...args) => fetch(...args),
    base: "",
    credential: () => box.fact<string | null>("credential", null),
    outbox: async () => ({ last: await box.fact("seq", 0), photos: await unsentPhotos(box) }),
  });
  const seal = new Seal(box, parcels.lease);
  const locks: Locks = navigator.locks
    ? { request: (name, holder) => navigator.locks.request(name, holder) as ReturnType<typeof holder> }
    : pageLocks();
  const sync = new Sync({
    box, parcels, seal, api, locks, report,
    clock: systemClock,
    online: () => navigator.onLine,
    setTimer: (action, ms) => window.setTimeout(action, ms),
    clearTimer: (timer) => window.clearTimeout(timer as number | undefined),
  });
  opened = { box, parcels, seal, api, sync, keeper: new DraftKeeper(box, seal, systemClock) };
  window.addEventListener("online", () => void sync.kick("online"));
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") {
      heed();
      void sync.kick("visible");
    }
  });
  return opened;
}

/** The parcels are only a copy: when they cannot be opened they are thrown away and pulled again. */
async function openParcels(): Promise<Parcels> {
  const parcels = new Parcels();
  try {
    return await ready(parcels);
  } catch {
    await parcels.delete();
    await parcels.lease.delete();
    return ready(new Parcels());
  }
}

/** Before any screen reads: what is open is sealed, and a copy whose time is over is gone. */
async function ready(parcels: Parcels): Promise<Parcels> {
  await Promise.all([parcels.open(), parcels.lease.open()]);
  await parcels.sealOld(Date.now());
  await parcels.heedLease(Date.now());
  return parcels;
}
