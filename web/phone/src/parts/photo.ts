/** A photo made small enough for a weak signal, with nothing in it but the picture. */

import { sha256OfBytes } from "../kernel/sha256";
import type { Photo } from "../outbox/db";

const LONGEST_SIDE = 1600;
const QUALITY = 0.8;
/** What a phone shows of it: two dots for each of a strip's 96. */
const SMALL_SIDE = 256;

export interface Taken {
  photo: Photo;
  /** A small picture of it, as JPEG. */
  small: Uint8Array<ArrayBuffer>;
}

/**
 * Draw the picture on a fresh canvas, at most 1600 px long, and take it as JPEG: place, camera and time that the
 * file carried do not come along. Throws when it is no picture.
 */
export async function smallPhoto(file: Blob, letter: string): Promise<Taken> {
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  const bytes = await drawn(picture, LONGEST_SIDE);
  const small = await drawn(picture, SMALL_SIDE);
  picture.close();
  return { photo: { sha256: await sha256OfBytes(bytes), letter, type: "image/jpeg", bytes, made_at: Date.now() }, small };
}

async function drawn(picture: ImageBitmap, side: number): Promise<Uint8Array<ArrayBuffer>> {
  const scale = Math.min(1, side / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  const pen = canvas.getContext("2d");
  if (!pen) throw new Error("no canvas");
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
  if (!blob) throw new Error("no jpeg");
  return new Uint8Array(await blob.arrayBuffer());
}
