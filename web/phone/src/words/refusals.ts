/** Why something was not taken, and what to do. The office's own words come with the catalogue and go first. */

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

/** What happened to a letter that needs a look, in words. */
export function troubleWords(outcome: "held" | "quarantined" | "damaged"): { title: string; what: string } {
  if (outcome === "held") {
    return { title: "有一条在等人看", what: "县里收到了、留着，要有人看过才算。你可以问问村里，不用再报。" };
  }
  if (outcome === "quarantined") {
    return { title: "有一条没办法登记", what: "县里收到了原话，但看不明白，已交人查看。急的话改一改再报一次。" };
  }
  return { title: "有一条在手机里坏了", what: "没有送出去。原话还在下面，请照着重报一次。" };
}
