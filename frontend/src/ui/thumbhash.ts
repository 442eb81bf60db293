import { rgbaToThumbHash, thumbHashToRGBA } from "thumbhash";

export interface Pixels {
  width: number;
  height: number;
  rgba: Uint8ClampedArray<ArrayBuffer>;
}

const KEPT_MAX = 200;
const kept = new Map<string, Pixels | null>();

/** The few pixels a base64 thumbhash stands for; null when it stands for none. */
export function pixelsOf(hash: string): Pixels | null {
  const known = kept.get(hash);
  if (known !== undefined) return known;
  let pixels: Pixels | null = null;
  try {
    const text = atob(hash.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(text, (char) => char.charCodeAt(0));
    if (bytes.length >= 5) {
      const { w, h, rgba } = thumbHashToRGBA(bytes);
      pixels = { width: w, height: h, rgba: new Uint8ClampedArray(rgba) };
    }
  } catch {
    // A broken placeholder is no reason to break the photo.
  }
  if (kept.size >= KEPT_MAX) kept.clear();
  kept.set(hash, pixels);
  return pixels;
}

const SIDE_PX_MAX = 100;

/** The thumbhash of a local picture, so that it glows as the server's will. */
export function hashOf(image: ImageBitmap): string | null {
  const shrink = Math.min(1, SIDE_PX_MAX / Math.max(image.width, image.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(image.width * shrink));
  canvas.height = Math.max(1, Math.round(image.height * shrink));
  const context = canvas.getContext("2d");
  if (!context) return null;
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  return btoa(String.fromCharCode(...rgbaToThumbHash(canvas.width, canvas.height, data)));
}
