/** The uploader: one at a time on this phone, whatever is open; sends, then photos, then pulls, then rests. */

import type { Clock } from "../kernel/time";
import type { Outbox } from "../outbox/db";
import type { Seal } from "../outbox/seal";
import { sealEarly } from "../outbox/sealed_photos";
import type { Parcels } from "../store/db";
import type { Api } from "./api";
import { askConfirmed } from "./enrol";
import { Pace } from "./pace";
import { sendPhotos, unsentPhotos } from "./photos";
import { pull } from "./pull";
import { reclaim, renew } from "./renew";
import { sendLetters } from "./send";

/** Web Locks, or whatever stands in for them: runs one holder at a time. */
export interface Locks {
  request<T>(name: string, holder: () => Promise<T>): Promise<T>;
}

export interface SyncPorts {
  box: Outbox;
  parcels: Parcels;
  api: Api;
  seal: Seal;
  clock: Clock;
  locks: Locks;
  online(): boolean;
  random?: () => number;
  setTimer(action: () => void, ms: number): unknown;
  clearTimer(timer: unknown): void;
  /** Told of every change of `SyncState`. */
  report?(state: SyncState): void;
}

export interface SyncState {
  busy: boolean;
  /** How the last round ended; `none` before the first. */
  last: "none" | "done" | "offline" | "unreachable" | "refused";
}

export type Why = "start" | "saved" | "online" | "visible" | "person" | "timer";

const LOCK = "lianhu-uploader";
/** With nothing to send the phone still asks now and then what has changed. */
const QUIET_MS = 5 * 60_000;

export class Sync {
  readonly pace: Pace;
  state: SyncState = { busy: false, last: "none" };
  private timer: unknown = null;
  private running: Promise<void> | null = null;
  private again = false;
  private meAsked = false;
  private stopped = false;
  /** The office said that it knows no such phone, nor its key. */
  private endTold = false;

  constructor(private readonly ports: SyncPorts) {
    this.pace = new Pace(ports.clock, ports.random);
  }

  /** Ask for a round. Resolves when the round that covers this request is over. */
  kick(why: Why): Promise<void> {
    if (this.stopped) return Promise.resolve();
    if (why === "online") this.pace.freshStart();
    if (!this.pace.mayTry(why !== "timer")) {
      this.rest();
      return Promise.resolve();
    }
    if (this.running) {
      this.again = true;
      return this.running;
    }
    this.running = this.rounds().finally(() => {
      this.running = null;
      this.rest();
    });
    return this.running;
  }

  stop(): void {
    this.stopped = true;
    this.ports.clearTimer(this.timer);
  }

  private async rounds(): Promise<void> {
    do {
      this.again = false;
      this.tell({ busy: true });
      let last: SyncState["last"] = "unreachable";
      try {
        last = await this.ports.locks.request(LOCK, async () => this.handBack(await this.knownAgain(await this.round())));
      } catch (error) {
        // Storage that fails in mid-round leaves every letter where it was; try again later.
        console.warn("round broken off", (error as Error)?.name);
        this.pace.missed();
      }
      this.tell({ busy: false, last });
    } while (this.again && this.state.last === "done" && !this.stopped);
  }

  private async round(): Promise<SyncState["last"]> {
    const { box, parcels, api, seal, clock, online } = this.ports;
    await parcels.heedLease(clock.now());
    await seal.rest();
    await sealEarly(box, seal);
    if (online()) await askConfirmed(box, api);
    if (!(await box.fact<string | null>("credential", null)) || (await box.fact("refused", false))) return "refused";
    if (!online()) return "offline";
    const sent = await sendLetters({ box, api, seal, clock, pace: this.pace });
    if (sent === "refused" || sent === "unreachable") return sent;
    if (await parcels.lease.isLocked()) return this.lockedRound();
    if (!this.meAsked || !(await box.facts.get("rescue_key"))) {
      const me = await api.me();
      if (me.ok && me.body?.person) {
        await parcels.keepMe(me.body, clock.now());
        await raiseSeq(box, me.body.last_seq ?? 0);
        if (me.body.rescue) await box.setFact("rescue_key", me.body.rescue);
        await seal.rest();
        await sealEarly(box, seal);
        this.pace.pardon();
        this.meAsked = true;
      }
    }
    const pulled = await pull({ box, parcels, api, clock });
    if (pulled.end !== "done") {
      this.pace.missed(pulled.wait);
      return pulled.end;
    }
    await seal.pairs.bringBack(api).catch((error: unknown) => console.warn("not brought back", (error as Error)?.name));
    const photos = await sendPhotos({ box, api, pace: this.pace });
    if (photos === "refused" || photos === "unreachable") return photos;
    if (pulled.renew) await renew({ box, api });
    this.pace.reached();
    // A restored office turned the epoch during the pull: what it lost goes up again at once.
    if (await this.hasReadyLetters()) this.again = true;
    return "done";
  }

  /** Before the digits were given: what was written goes, nothing comes; but one hears whether the device was ended. */
  private async lockedRound(): Promise<SyncState["last"]> {
    const { box, api } = this.ports;
    const me = await api.me();
    if (!me.ok && me.status === 401) {
      await box.setFact("refused", true);
      return "refused";
    }
    if (!me.ok) this.pace.missed(me.wait);
    else this.pace.reached();
    if (me.ok && me.body?.renew) await renew({ box, api });
    return me.ok ? sendPhotos({ box, api, pace: this.pace }).then((end) => (end === "later" ? "done" : end)) : "unreachable";
  }

  /** Before a phone that the office does not know counts as ended, its key is shown: an office that was set back to an
   * older state knows the key, though not the credential. */
  private async knownAgain(last: SyncState["last"]): Promise<SyncState["last"]> {
    const { box, api, online } = this.ports;
    if (last !== "refused") this.endTold = false;
    if (last !== "refused" || !online() || !(await box.fact("refused", false)) || this.endTold) return last;
    const end = await reclaim({ box, api });
    if (end === "ended") {
      this.endTold = true;
      return last;
    }
    await box.setFact("refused", false);
    if (end === "taken") this.again = true;
    else this.pace.missed();
    return end === "taken" ? "done" : "unreachable";
  }

  /** A device that was ended keeps no copy of what it may no longer see; what it wrote stays. */
  private async handBack(last: SyncState["last"]): Promise<SyncState["last"]> {
    const { parcels } = this.ports;
    if (last === "refused" && (await parcels.lease.facts.get("terms"))) await parcels.wipe();
    return last;
  }

  private async hasReadyLetters(): Promise<boolean> {
    const ids = await this.ports.box.waiting.toCollection().primaryKeys();
    return ids.some((id) => !this.pace.isDelayed(id));
  }

  /** Set the timer for the next look: soon while something waits, rarely otherwise. */
  private rest(): void {
    this.ports.clearTimer(this.timer);
    if (this.stopped || this.state.last === "refused") return;
    void Promise.all([this.ports.box.waiting.count(), unsentPhotos(this.ports.box)]).then(
      ([letters, photos]) => {
        const soon = letters + photos > 0 || this.state.last === "unreachable";
        const ms = soon ? Math.max(2_000, this.pace.due()) : QUIET_MS;
        this.ports.clearTimer(this.timer);
        if (!this.stopped) this.timer = this.ports.setTimer(() => void this.kick("timer"), ms);
      },
      () => undefined,
    );
  }

  private tell(change: Partial<SyncState>): void {
    this.state = { ...this.state, ...change };
    this.ports.report?.(this.state);
  }
}

/** A storage set back to an older state must not give a number twice. */
async function raiseSeq(box: Outbox, last: number): Promise<void> {
  await box.transaction("rw", box.facts, async () => {
    if ((await box.fact("seq", 0)) < last) await box.setFact("seq", last);
  });
}

/** For browsers without Web Locks: one holder at a time in this page. */
export function pageLocks(): Locks {
  let last: Promise<unknown> = Promise.resolve();
  return {
    request<T>(_name: string, holder: () => Promise<T>): Promise<T> {
      const turn = last.then(holder, holder);
      last = turn.catch(() => undefined);
      return turn;
    },
  };
}
