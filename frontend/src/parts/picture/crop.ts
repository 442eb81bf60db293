/** Where a photo is cut: pure geometry, in the photo's own pixels. */

/** A post's shapes, and a story's. */
export const RATIOS = {
  original: null,
  square: 1,
  portrait: 4 / 5,
  wide: 1.91,
  story: 9 / 16,
} as const;
export type RatioName = keyof typeof RATIOS;
export type PostRatio = Exclude<RatioName, "story">;

export interface Crop {
  ratio: RatioName;
  /** Quarter turns, clockwise. */
  turns: number;
  zoom: number;
  /** The middle of what is kept, from 0 to 1 over the turned photo. */
  x: number;
  y: number;
}

export interface Size {
  width: number;
  height: number;
}

export interface Rect extends Size {
  left: number;
  top: number;
}

export const ZOOM_MAX = 4;
export const WHOLE: Crop = { ratio: "original", turns: 0, zoom: 1, x: 0.5, y: 0.5 };

const clamp = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value));

export function turned(size: Size, turns: number): Size {
  return turns % 2 === 0 ? size : { width: size.height, height: size.width };
}

/** Width over height of what is kept. "Original" means as near as a post may be. */
export function ratioOf(crop: Crop, natural: Size): number {
  const size = turned(natural, crop.turns);
  return RATIOS[crop.ratio] ?? clamp(size.width / size.height, RATIOS.portrait, RATIOS.wide);
}

/** The part that is kept, in pixels of the turned photo; always inside it. */
export function rectOf(crop: Crop, natural: Size): Rect {
  const size = turned(natural, crop.turns);
  const ratio = ratioOf(crop, natural);
  const widest = Math.min(size.width, size.height * ratio);
  const width = widest / clamp(crop.zoom, 1, ZOOM_MAX);
  const height = width / ratio;
  return {
    width,
    height,
    left: clamp(crop.x * size.width - width / 2, 0, size.width - width),
    top: clamp(crop.y * size.height - height / 2, 0, size.height - height),
  };
}

/** The same crop with its middle where the photo's edges allow it, so that dragging never winds up. */
export function settled(crop: Crop, natural: Size): Crop {
  const size = turned(natural, crop.turns);
  const rect = rectOf(crop, natural);
  return {
    ...crop,
    zoom: clamp(crop.zoom, 1, ZOOM_MAX),
    x: (rect.left + rect.width / 2) / size.width,
    y: (rect.top + rect.height / 2) / size.height,
  };
}

/** The frame moves over the photo by this share of its own width and height. */
export function moved(crop: Crop, natural: Size, dx: number, dy: number): Crop {
  const size = turned(natural, crop.turns);
  const rect = rectOf(crop, natural);
  return settled(
    {
      ...crop,
      x: crop.x + (dx * rect.width) / size.width,
      y: crop.y + (dy * rect.height) / size.height,
    },
    natural,
  );
}

/** Nothing would be cut, so the file can go as it is. */
export function isWhole(crop: Crop, natural: Size): boolean {
  if (crop.turns % 4 !== 0) return false;
  const rect = rectOf(crop, natural);
  return natural.width - rect.width < 1 && natural.height - rect.height < 1;
}
