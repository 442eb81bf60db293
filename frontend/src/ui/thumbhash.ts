import { thumbHashToRGBA } from "thumbhash";

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
