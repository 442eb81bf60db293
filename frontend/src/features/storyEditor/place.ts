/** Where a thing lies over the picture: pure geometry. Positions are shares of the frame. */

export interface Place {
  x: number;
  y: number;
  rotation: number;
  scale: number;
}

export interface Point {
  x: number;
  y: number;
}

export interface Frame {
  width: number;
  height: number;
}

/** Within what the server takes (0.1 to 10), and within what can still be read and grasped. */
export const SCALE_MIN = 0.3;
export const SCALE_MAX = 6;
const SNAP_SHARE = 0.018;
const SNAP_DEGREES = 4;
const KEY_STEP = 0.02;
const KEY_STEP_LARGE = 0.1;
export const TURN_STEP = 15;
export const SCALE_STEP = 1.15;

const clamp = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value));
const share = (value: number) => clamp(Number.isFinite(value) ? value : 0.5, 0, 1);

/** Degrees above -180 and up to 180. */
export function normal(degrees: number): number {
  const turned = ((degrees % 360) + 360) % 360;
  return turned > 180 ? turned - 360 : turned;
}

/** By shares of the frame; its middle never leaves the picture. */
export function moved<T extends Place>(place: T, dx: number, dy: number): T {
  return { ...place, x: share(place.x + dx), y: share(place.y + dy) };
}

export function turned<T extends Place>(place: T, degrees: number): T {
  return { ...place, rotation: normal(place.rotation + degrees) };
}

export function scaled<T extends Place>(place: T, factor: number): T {
  const scale = clamp(place.scale * (Number.isFinite(factor) ? factor : 1), SCALE_MIN, SCALE_MAX);
  return { ...place, scale };
}

const middle = (a: Point, b: Point): Point => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
const angle = (a: Point, b: Point) => (Math.atan2(b.y - a.y, b.x - a.x) * 180) / Math.PI;
const distance = (a: Point, b: Point) => Math.hypot(b.x - a.x, b.y - a.y);

/** Two fingers went from `from` to `to` (pixels): the thing goes, grows and turns with them. */
export function pinched<T extends Place>(
  place: T,
  from: [Point, Point],
  to: [Point, Point],
  frame: Frame,
): T {
  const [was, is] = [middle(...from), middle(...to)];
  const grown = distance(...to) / Math.max(1, distance(...from));
  const gone = moved(place, (is.x - was.x) / frame.width, (is.y - was.y) / frame.height);
  return turned(scaled(gone, grown), normal(angle(...to) - angle(...from)));
}

/** The handle went from `from` to `to` around the thing's middle (all pixels). */
export function levered<T extends Place>(place: T, centre: Point, from: Point, to: Point): T {
  const grown = distance(centre, to) / Math.max(1, distance(centre, from));
  return turned(scaled(place, grown), normal(angle(centre, to) - angle(centre, from)));
}

/** What is nearly in the middle, or nearly upright, is meant to be. */
export function snapped<T extends Place>(place: T): T {
  const upright = Math.round(place.rotation / 90) * 90;
  return {
    ...place,
    x: Math.abs(place.x - 0.5) < SNAP_SHARE ? 0.5 : place.x,
    y: Math.abs(place.y - 0.5) < SNAP_SHARE ? 0.5 : place.y,
    rotation: Math.abs(place.rotation - upright) < SNAP_DEGREES ? normal(upright) : place.rotation,
  };
}

/** What a key does to the thing that has the focus; null for keys that do nothing. */
export function keyed<T extends Place>(place: T, key: string, large: boolean): T | null {
  const step = large ? KEY_STEP_LARGE : KEY_STEP;
  switch (key) {
    case "ArrowLeft":
      return moved(place, -step, 0);
    case "ArrowRight":
      return moved(place, step, 0);
    case "ArrowUp":
      return moved(place, 0, -step);
    case "ArrowDown":
      return moved(place, 0, step);
    case "+":
    case "=":
      return scaled(place, SCALE_STEP);
    case "-":
      return scaled(place, 1 / SCALE_STEP);
    case "[":
      return turned(place, -TURN_STEP);
    case "]":
      return turned(place, TURN_STEP);
    default:
      return null;
  }
}

/** The bin at the lower edge: let go here and the thing is gone. */
export const BIN: Point = { x: 0.5, y: 0.92 };
const BIN_REACH = 0.11;

export function overBin(point: Point, frame: Frame): boolean {
  const dx = (point.x - BIN.x) * frame.width;
  const dy = (point.y - BIN.y) * frame.height;
  return Math.hypot(dx, dy) <= BIN_REACH * frame.width;
}

const POINT_APART = 0.004;
export const POINTS_MAX = 500;

/** A line of a drawing with one more point; too near ones change nothing, the last place stays. */
export function drawn(points: [number, number][], next: Point): [number, number][] {
  const point: [number, number] = [rounded(share(next.x)), rounded(share(next.y))];
  const last = points.at(-1);
  if (last && Math.hypot(point[0] - last[0], point[1] - last[1]) < POINT_APART) return points;
  if (points.length < POINTS_MAX) return [...points, point];
  // A very long line: every second of its older points is enough.
  return [...points.filter((_point, at) => at % 2 === 0), point];
}

const rounded = (value: number) => Math.round(value * 10_000) / 10_000;
