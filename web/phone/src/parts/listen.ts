/** Speech to text, only where this browser has it. The words spoken are never kept as sound. */

export interface Listening {
  stop(): void;
}

interface Recognition {
  lang: string;
  continuous: boolean;
  interimResults: boolean;
  onresult: ((event: { resultIndex: number; results: ArrayLike<ArrayLike<{ transcript: string }> & { isFinal: boolean }> }) => void) | null;
  onerror: ((event: { error: string }) => void) | null;
  onend: (() => void) | null;
  start(): void;
  stop(): void;
}

type Ear = (said: (words: string) => void, ended: (failed: boolean) => void) => Listening | null;

const Speech = (globalThis as { SpeechRecognition?: new () => Recognition; webkitSpeechRecognition?: new () => Recognition });
const Engine = Speech.SpeechRecognition ?? Speech.webkitSpeechRecognition;

/** Start listening: `said` for each finished piece, `ended` once; null export where there is no engine. */
export const listener: Ear | null = Engine ? (said, ended) => {
  const engine = new Engine();
  let failed = false;
  engine.lang = "zh-CN";
  engine.continuous = true;
  engine.interimResults = false;
  engine.onresult = (event) => {
    for (let i = event.resultIndex; i < event.results.length; i++) {
      const result = event.results[i];
      if (result?.isFinal && result[0]) said(result[0].transcript);
    }
  };
  engine.onerror = (event) => { failed = !["no-speech", "aborted"].includes(event.error); };
  engine.onend = () => ended(failed);
  try {
    engine.start();
  } catch {
    ended(true);
    return null;
  }
  return { stop: () => engine.stop() };
} : null;
