/** AES-256-GCM over a text, bound to what it is about: a sealed text moved to another row does not open. */

export interface Sealed {
  /** Null where the platform has no cryptography (a page not on HTTPS): then `data` is the text itself. */
  iv: Uint8Array | null;
  data: Uint8Array;
}

/** A key that this browser uses and never gives out to a script; null where there is no cryptography. */
export async function makeKey(): Promise<CryptoKey | null> {
  if (!globalThis.crypto?.subtle) return null;
  return crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}

export async function sealText(key: CryptoKey | null, text: string, about = ""): Promise<Sealed> {
  const bytes = new TextEncoder().encode(text);
  if (!key) return { iv: null, data: bytes };
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const additionalData = new TextEncoder().encode(about);
  return { iv, data: new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData }, key, bytes)) };
}

/** The text, or null when it cannot be opened any more. */
export async function openText(key: CryptoKey | null, sealed: Sealed, about = ""): Promise<string | null> {
  try {
    const data = new Uint8Array(sealed.data);
    if (!sealed.iv) return new TextDecoder().decode(data);
    if (!key) return null;
    const additionalData = new TextEncoder().encode(about);
    return new TextDecoder().decode(await crypto.subtle.decrypt({ name: "AES-GCM", iv: new Uint8Array(sealed.iv), additionalData }, key, data));
  } catch {
    return null;
  }
}
