/**
 * How fast to try again. Kept in memory only and on a clock that never jumps: a phone whose date was set back a year
 * must not wait a year.
 */

import type { Clock } from "../kernel/time";

export const MOST_LETTERS = 20;
/** Below the office's 256 KB, to leave room for what JSON adds. */
export const MOST_BYTES = 240 * 1024;
const FIRST_WAIT = 2_000;
const LONGEST_WAIT = 30_000;
const LONGEST_ASKED = 15 * 60_000;

export class Pace {
  /** Letters to a batch at present; halves on trouble, doubles on success. */
  count = MOST_LETTERS;
  private readonly letters = new Map<string, { tries: number; until: number }>();
  private readonly aside = new Set<string>();
  private tries = 0;
  private until = 0;
  private asked = 0;

  constructor(private readonly clock: Clock, private readonly random: () => number = Math.random) {}

  /** May anything be sent now? The office's own Retry-After binds even when a person taps. */
  mayTry(byPerson: boolean): boolean {
    const tick = this.clock.tick();
    return tick >= this.asked && (byPerson || tick >= this.until);
  }

  /** Milliseconds until the next try is due. */
  due(): number {
    return Math.max(0, this.until - this.clock.tick(), this.asked - this.clock.tick());
  }

  /** The office answered: full speed again. */
  reached(): void {
    this.tries = 0;
    this.until = 0;
    this.count = Math.min(MOST_LETTERS, this.count * 2);
  }

  /** The office was not reached, or asked for `wait` milliseconds of quiet. */
  missed(wait = 0): void {
    this.until = this.clock.tick() + this.step(this.tries++);
    if (wait > 0) this.asked = this.clock.tick() + Math.min(wait, LONGEST_ASKED);
  }

  /** The signal is back: whatever was learnt without it counts no more. */
  freshStart(): void {
    this.tries = 0;
    this.until = 0;
    this.letters.clear();
  }

  halve(batch: number): void {
    this.count = Math.max(1, Math.ceil(batch / 2));
  }

  /** This one letter waits, the others go on. */
  delay(id: string): void {
    const tries = this.letters.get(id)?.tries ?? 0;
    this.letters.set(id, { tries: tries + 1, until: this.clock.tick() + this.step(tries) });
  }

  /** This one waits for a person, not for time. */
  setAside(id: string): void {
    this.aside.add(id);
  }

  /** Something may have been done about those. */
  pardon(): void {
    this.aside.clear();
  }

  isDelayed(id: string): boolean {
    return this.aside.has(id) || (this.letters.get(id)?.until ?? 0) > this.clock.tick();
  }

  settled(id: string): void {
    this.letters.delete(id);
  }

  /** 2 s, 4 s, 8 s … 30 s, each shortened by up to half so that a county of phones does not call in step. */
  private step(tries: number): number {
    const full = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** Math.min(tries, 10));
    return full * (1 - this.random() / 2);
  }
}
