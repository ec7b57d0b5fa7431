/** Asking "are you sure": one question at a time, answered by a large button. */

import { shallowRef } from "vue";

export interface Question {
  title: string;
  message: string;
  yes: string;
  no: string;
  answer(yes: boolean): void;
}

export const question = shallowRef<Question | null>(null);

/** True when the person said yes. A question not yet answered counts as no. */
export function sure(title: string, message: string, yes: string, no = "先不"): Promise<boolean> {
  question.value?.answer(false);
  return new Promise((resolve) => {
    question.value = {
      title, message, yes, no,
      answer(said) {
        question.value = null;
        resolve(said);
      },
    };
  });
}
