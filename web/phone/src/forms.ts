/** What half-written reports and visits hold, and how a page keeps them. */

import { liveQuery } from "dexie";
import { onScopeDispose, reactive, ref, watch, type Ref } from "vue";
import { app } from "./app";
import type { Draft } from "./outbox/db";
import { readDraft } from "./outbox/drafts";
import type { ProposeForm } from "./letters/person_propose";
import type { Point, Visibility } from "./letters/matter_report";

export interface ReportForm {
  top: string;
  category: string;
  words: string;
  household: string;
  spot: string;
  about: string;
  /** Chosen stricter than the kind asks for. */
  quiet: boolean;
  point: Point | null;
  photos: string[];
}

export interface VisitForm {
  household: string;
  on: string;
  duties: string[];
  words: string;
  needed: boolean;
  top: string;
  category: string;
  quiet: boolean;
  photos: string[];
}

/** A word to add to a matter, the answer to what the office asked included. */
export interface AddForm {
  matter: string;
  words: string;
}

export const newReport = (): ReportForm => ({
  top: "", category: "", words: "", household: "", spot: "", about: "", quiet: false, point: null, photos: [],
});

export const newProposal = (household: string): ProposeForm => ({
  household, what: "", person: "", version: 0, away_to: "", residence: "", phone: "", relation: "", name: "", sex: "", born_on: "", on: "", words: "",
});

export const newVisit = (household: string, on: string): VisitForm => ({
  household, on, duties: [], words: "", needed: false, top: "", category: "", quiet: false, photos: [],
});

/** Where a draft is taken up again. */
export function draftAddress(draft: Draft): string {
  const data = draft.data as Partial<VisitForm & AddForm>;
  if (draft.form === "visit") return `/households/${data.household}/visit?draft=${draft.id}`;
  if (draft.form === "propose") return `/households/${data.household}/change?draft=${draft.id}`;
  if (draft.form === "add") return `/matters/${data.matter}?draft=${draft.id}`;
  return `/report?draft=${draft.id}`;
}

export interface Kept<T> {
  form: T;
  /** False until an earlier draft of this id has been looked for, and read. */
  ready: Ref<boolean>;
  /** There is one, and it cannot be read now: nothing may be written in its place. */
  closed: Ref<boolean>;
  /** Words when the last keystrokes could not be stored. */
  failed: Ref<boolean>;
  /** Stop keeping: the draft has become a letter, or was thrown away. */
  release(): Promise<void>;
}

/** A form that is on the phone as it is typed. Nothing is kept while `worth` says there is nothing to keep. */
export function keepForm<T extends object>(
  id: string, kind: string, start: T, worth: (form: T) => boolean, title: (form: T) => string,
): Kept<T> {
  const form = reactive(structuredClone(start)) as T;
  const ready = ref(false);
  const closed = ref(false);
  const failed = ref(false);
  let released = false;
  const { box, seal, keeper } = app();
  // Looked for again whenever it may have become readable: the digits were given, the copy is lent again.
  const looking = liveQuery(async () => {
    const row = await box.drafts.get(id);
    return { row, draft: row ? await readDraft(seal, row) : null };
  }).subscribe(({ row, draft }) => {
    if (ready.value) return;
    closed.value = row !== undefined && draft === null;
    if (closed.value) return;
    if (draft?.form === kind) Object.assign(form, draft.data);
    ready.value = true;
    looking.unsubscribe();
    watch(form, () => {
      if (released || !worth(form)) return;
      void keeper.keep({ id, form: kind, title: title(form), data: form }).then(() => {
        failed.value = keeper.failed !== null;
      });
    }, { deep: true });
  });
  onScopeDispose(() => looking.unsubscribe());
  return {
    form, ready, closed, failed,
    release: async () => {
      released = true;
      await keeper.settled();
    },
  };
}

/** Who may see it, once the kind's own rule and the writer's wish are put together. */
export function visibilityOf(kind: Visibility | undefined, top: string, quiet: boolean): Visibility {
  if (top === "official" || kind === "about_official") return "about_official";
  return quiet || kind === "sensitive" ? "sensitive" : "ordinary";
}
