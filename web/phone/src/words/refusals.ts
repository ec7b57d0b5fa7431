/** Why something was not taken, and what to do. The office's own words come with the catalogue and go first. */

import type { Trouble } from "../outbox/db";
import type { Catalogue, Settled } from "../store/types";

const WORDS: Record<string, string> = {
  unreachable: "连不上县里。等有信号再试一次，什么都没丢。",
  not_the_office: "连上的不是县里的系统。换个网再试。",
  damaged_on_phone: "这一条在手机里存坏了，没有送出去。请照着重报一次。",
  token_expired: "登记码过期了，请村里再出一个。",
  token_used: "这个登记码用过了，请村里再出一个。",
  token_unknown: "登记码不对，请再看一遍。",
  token_invalid: "登记码不对或过期了，请村里再出一个。",
  http_400: "登记码不对，请再看一遍。",
  http_401: "登记码不对或过期了，请村里再出一个。",
  http_403: "登记码不对或过期了，请村里再出一个。",
  http_404: "登记码不对，请再看一遍。",
  http_429: "试得太勤了，过一会儿再来。",
};

/** Words for a refusal code: the catalogue's, ours, the problem's own title, or a plain default. */
export function refusalWords(code: string | null, catalogue: Record<string, string> | undefined, title = ""): string {
  if (code && catalogue?.[code]) return catalogue[code];
  if (code && WORDS[code]) return WORDS[code];
  return title || "县里没有说明原因。";
}

/** What a card says of a letter that needs a look: what happened, why, and what its writer does now. */
export interface CardWords {
  title: string;
  why: string;
  todo: string;
  /** Whether to offer to write it again: not while it waits for a person, nor once it counts. */
  again: boolean;
}

const TITLES = { held: "有一条在等人看", quarantined: "有一条没办法登记", damaged: "有一条在手机里坏了" };
const TODO = {
  held: "县里收到了、留着，有人看过才算。可以问问村里，不用再报。",
  quarantined: "原话县里留着，已交人查看。急的话改一改再报一次。",
  damaged: "原话还在下面，请照着重报一次。",
};

/** `settled`: somebody has looked at it meanwhile. */
export function cardWords(card: Pick<Trouble, "outcome" | "code">, catalogue: Catalogue | null, settled?: Settled): CardWords {
  if (settled) {
    const title = settled.taken ? "有一条看过了，已经登记" : "有一条看过了，没有收";
    return { title, why: settled.words, todo: settled.taken ? "不用再报。" : "原话县里留着。有不明白的，问问村里；要改的，改一改再报。", again: !settled.taken };
  }
  const known = card.code ? catalogue?.letters?.[card.code] : undefined;
  return {
    title: TITLES[card.outcome], why: known?.why ?? refusalWords(card.code, catalogue?.words),
    todo: known?.sender ?? TODO[card.outcome], again: card.outcome !== "held",
  };
}
