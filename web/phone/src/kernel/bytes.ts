/** Bytes: base64, gzip, and cleaning of what people paste. */

/** Standard base64 of bytes. */
export function base64(bytes: ArrayBuffer): string {
  let text = "";
  for (const b of new Uint8Array(bytes)) text += String.fromCharCode(b);
  return btoa(text);
}

export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
}

/** Gzip of a text, or null where the platform cannot. */
export async function gzip(text: string): Promise<Uint8Array<ArrayBuffer> | null> {
  if (typeof CompressionStream === "undefined") return null;
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** What was typed without characters no database takes (NUL, halves of a surrogate pair), trimmed. */
export function clean(text: string): string {
  return text.replace(/\u0000/g, "").replace(/[\ud800-\udfff]/gu, "").trim();
}

/** The first `max` characters, counting as the schemas count (code points). */
export function cut(text: string, max: number): string {
  const points = Array.from(text);
  return points.length <= max ? text : points.slice(0, max).join("");
}
