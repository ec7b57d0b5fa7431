/**
 * A mark outside the database that this phone was enrolled and how far its letters had come.
 *
 * Browsers short of room, or a person "clearing data", throw away a page's storage whole. The mark is kept twice, in a
 * cookie (which such clearing by the browser itself leaves alone) and in localStorage (which outlives a damaged
 * database), so that the phone can say what happened instead of looking as if nobody had ever used it. It holds no
 * name and no secret; the path keeps the cookie out of every call to the office.
 */

export interface Mark {
  device: string;
  /** The highest number given to a letter. */
  seq: number;
  /** Letters that had not been sent. */
  waiting: number;
}

/** Where marks are kept; a browser's own `document` and `localStorage`, or stand-ins. */
export interface Shelf {
  cookie: string;
  /** Whether the page came by HTTPS. */
  secure: boolean;
  storage: Pick<Storage, "getItem" | "setItem" | "removeItem"> | null;
}

const NAME = "lianhu-phone";
const DAYS_400 = 34_560_000;

export function browserShelf(): Shelf {
  return {
    get cookie() { return document.cookie; },
    set cookie(value) { document.cookie = value; },
    secure: globalThis.location?.protocol === "https:",
    storage: globalThis.localStorage ?? null,
  };
}

/** Over HTTPS a name that no page in clear can put in its place. */
function cookieName(shelf: Shelf): string {
  return shelf.secure ? `__Secure-${NAME}` : NAME;
}

export function writeMark(shelf: Shelf, mark: Mark | null): void {
  const text = mark ? `${mark.device}.${mark.seq}.${mark.waiting}` : "";
  const more = `path=/phone/; max-age=${mark ? DAYS_400 : 0}; samesite=strict${shelf.secure ? "; secure" : ""}`;
  shelf.cookie = `${cookieName(shelf)}=${text}; ${more}`;
  try {
    if (mark) shelf.storage?.setItem(NAME, text);
    else shelf.storage?.removeItem(NAME);
  } catch {
    // Full or forbidden: the cookie remains.
  }
}

/** The mark that speaks of more, where the two differ. */
export function readMark(shelf: Shelf): Mark | null {
  const texts = [new RegExp(`(?:^|; )${cookieName(shelf)}=([^;]*)`).exec(shelf.cookie)?.[1] ?? ""];
  try {
    texts.push(shelf.storage?.getItem(NAME) ?? "");
  } catch {
    // Forbidden: the cookie alone.
  }
  const marks = texts.map(parse).filter((mark): mark is Mark => mark !== null);
  return marks.sort((a, b) => b.seq - a.seq)[0] ?? null;
}

function parse(text: string): Mark | null {
  const found = /^([0-9a-f-]{36})\.(\d{1,15})\.(\d{1,6})$/.exec(text);
  return found ? { device: found[1]!, seq: Number(found[2]), waiting: Number(found[3]) } : null;
}
