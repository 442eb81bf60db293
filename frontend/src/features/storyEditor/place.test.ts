import { describe, expect, it } from "vitest";
import {
  drawn,
  keyed,
  levered,
  moved,
  normal,
  overBin,
  type Place,
  POINTS_MAX,
  pinched,
  SCALE_MAX,
  SCALE_MIN,
  scaled,
  snapped,
  turned,
} from "./place";

const MIDDLE: Place = { x: 0.5, y: 0.5, rotation: 0, scale: 1 };
const FRAME = { width: 360, height: 640 };
const inside = ({ x, y, scale, rotation }: Place) =>
  x >= 0 &&
  x <= 1 &&
  y >= 0 &&
  y <= 1 &&
  scale >= SCALE_MIN &&
  scale <= SCALE_MAX &&
  rotation > -180 &&
  rotation <= 180;

/** Small and seeded, so that a failure can be looked at again. */
function numbers(seed: number) {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

describe("a thing on the picture", () => {
  it("stays within bounds whatever is done to it", () => {
    for (let seed = 1; seed <= 200; seed += 1) {
      const next = numbers(seed);
      const far = () => (next() - 0.5) * 4_000;
      const point = () => ({ x: far(), y: far() });
      let place = MIDDLE;
      for (let step = 0; step < 20; step += 1) {
        const what = Math.floor(next() * 6);
        if (what === 0) place = moved(place, far(), far());
        else if (what === 1) place = turned(place, far());
        else if (what === 2) place = scaled(place, next() * 20);
        else if (what === 3) place = pinched(place, [point(), point()], [point(), point()], FRAME);
        else if (what === 4) place = levered(place, point(), point(), point());
        else place = snapped(place);
        expect(inside(place), `seed ${seed}, step ${step}: ${JSON.stringify(place)}`).toBe(true);
      }
    }
  });

  it("takes what is no number for nothing", () => {
    expect(inside(moved(MIDDLE, Number.NaN, 0))).toBe(true);
    expect(scaled(MIDDLE, Number.NaN).scale).toBe(1);
  });

  it("follows a finger by shares of the frame", () => {
    expect(moved(MIDDLE, 36 / FRAME.width, -64 / FRAME.height)).toMatchObject({ x: 0.6, y: 0.4 });
  });
});

describe("two fingers", () => {
  const a = { x: 100, y: 300 };
  const b = { x: 200, y: 300 };

  it("twice as far apart make it twice as large", () => {
    const to: [typeof a, typeof b] = [
      { x: 50, y: 300 },
      { x: 250, y: 300 },
    ];
    expect(pinched(MIDDLE, [a, b], to, FRAME)).toMatchObject({ scale: 2, rotation: 0, x: 0.5 });
  });

  it("a quarter round turn it a quarter", () => {
    const to: [typeof a, typeof b] = [
      { x: 150, y: 250 },
      { x: 150, y: 350 },
    ];
    const { rotation, scale } = pinched(MIDDLE, [a, b], to, FRAME);
    expect(rotation).toBeCloseTo(90);
    expect(scale).toBeCloseTo(1);
  });

  it("carry it along with their middle", () => {
    const by = (p: typeof a) => ({ x: p.x + 36, y: p.y + 64 });
    const { x, y } = pinched(MIDDLE, [a, b], [by(a), by(b)], FRAME);
    expect([x, y]).toEqual([expect.closeTo(0.6), expect.closeTo(0.6)]);
  });

  it("across the seam of the angles turn the short way", () => {
    const from: [typeof a, typeof b] = [
      { x: 0, y: 0 },
      { x: -100, y: 1 },
    ];
    const to: [typeof a, typeof b] = [
      { x: 0, y: 0 },
      { x: -100, y: -1 },
    ];
    expect(Math.abs(pinched(MIDDLE, from, to, FRAME).rotation)).toBeLessThan(2);
  });
});

describe("keys", () => {
  it("undo each other", () => {
    const pairs = [
      ["ArrowLeft", "ArrowRight"],
      ["ArrowUp", "ArrowDown"],
      ["+", "-"],
      ["[", "]"],
    ];
    for (const [one, other] of pairs) {
      const there = keyed(MIDDLE, one as string, false);
      const back = there && keyed(there, other as string, false);
      for (const [name, value] of Object.entries(MIDDLE)) {
        expect(back?.[name as keyof Place]).toBeCloseTo(value);
      }
      expect(there).not.toEqual(MIDDLE);
    }
  });

  it("that mean nothing do nothing", () => expect(keyed(MIDDLE, "a", false)).toBeNull());
});

describe("snapping", () => {
  it("sets upright and in the middle what nearly is", () => {
    const near = { x: 0.51, y: 0.3, rotation: -3, scale: 1 };
    expect(snapped(near)).toEqual({ x: 0.5, y: 0.3, rotation: 0, scale: 1 });
  });
  it("leaves the rest alone", () => {
    const far = { x: 0.6, y: 0.3, rotation: 30, scale: 1 };
    expect(snapped(far)).toEqual(far);
  });
  it("knows angles by one name", () => expect([normal(-180), normal(540)]).toEqual([180, 180]));
});

describe("the bin", () => {
  it("is a circle at the lower edge", () => {
    expect(overBin({ x: 0.5, y: 0.92 }, FRAME)).toBe(true);
    expect(overBin({ x: 0.5, y: 0.8 }, FRAME)).toBe(false);
    expect(overBin({ x: 0.3, y: 0.92 }, FRAME)).toBe(false);
  });
});

describe("a drawn line", () => {
  it("never has more points than the server takes, and ends where the finger is", () => {
    let points: [number, number][] = [];
    for (let n = 0; n <= 4_000; n += 1) {
      points = drawn(points, { x: (n % 100) / 100, y: n / 4_000 });
      expect(points.length).toBeLessThanOrEqual(POINTS_MAX);
    }
    expect(points.at(-1)).toEqual([0, 1]);
    expect(points[0]).toEqual([0, 0]);
  });

  it("stays on the picture", () => {
    expect(drawn([], { x: -3, y: 7 })).toEqual([[0, 1]]);
  });
});
