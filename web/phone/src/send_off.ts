/** From a filled form to a saved letter: what every "存下来" button does. */

import { app } from "./app";
import { systemClock } from "./kernel/time";
import { NotSaved, saveLetter, type NewLetter } from "./outbox/save";

/** Save, then wake the uploader. Null when saved; else words for the person, and nothing typed is lost. */
export async function sendOff(letter: NewLetter): Promise<string | null> {
  const { box, seal, sync, keeper } = app();
  // What was typed last is written down before the letter takes the draft's place.
  await keeper.settled();
  try {
    await saveLetter(box, seal, letter, systemClock);
  } catch (error) {
    return notSavedWords(error);
  }
  void sync.kick("saved");
  return null;
}

function notSavedWords(error: unknown): string {
  const code = error instanceof NotSaved ? error.code : "other";
  if (code === "full") return "手机存满了，这一条还没存成正式的，写的字在草稿里。删几张照片或视频再存。";
  if (code === "wrong") return "还有一处没写对，请看一遍再存。写的字都在。";
  return "这次没存住，写的字还在草稿里。请再按一次；还不行就重开这个软件。";
}
