import { describe, expect, it } from "vitest";
import { type Crop, isWhole, moved, ratioOf, rectOf, settled, WHOLE } from "./crop";

const LANDSCAPE = { width: 4000, height: 3000 };
const PANORAMA = { width: 6000, height: 1000 };
const TOWER = { width: 1000, height: 4000 };

const crop = (change: Partial<Crop>): Crop => ({ ...WHOLE, ...change });

describe("rectOf", () => {
  it("keeps all of a photo whose shape a post may have", () => {
    expect(rectOf(WHOLE, LANDSCAPE)).toEqual({ left: 0, top: 0, width: 4000, height: 3000 });
    expect(isWhole(WHOLE, LANDSCAPE)).toBe(true);
  });

  it.each([
    [PANORAMA, 1.91],
    [TOWER, 0.8],
  ])("brings what is too wide or tall to the nearest shape", (natural, ratio) => {
    expect(ratioOf(WHOLE, natural)).toBeCloseTo(ratio);
    const rect = rectOf(WHOLE, natural);
    expect(rect.width / rect.height).toBeCloseTo(ratio);
    expect(isWhole(WHOLE, natural)).toBe(false);
  });

  it.each(["square", "portrait", "wide"] as const)(
    "%s stays inside, however it is moved",
    (ratio) => {
      for (const [x, y] of [
        [0, 0],
        [1, 1],
        [-5, 9],
      ] as const) {
        for (const turns of [0, 1, 2, 3]) {
          const rect = rectOf(crop({ ratio, x, y, turns, zoom: 2.5 }), LANDSCAPE);
          const [w, h] = turns % 2 === 0 ? [4000, 3000] : [3000, 4000];
          expect(rect.left).toBeGreaterThanOrEqual(0);
          expect(rect.top).toBeGreaterThanOrEqual(0);
          expect(rect.left + rect.width).toBeLessThanOrEqual(w + 0.001);
          expect(rect.top + rect.height).toBeLessThanOrEqual(h + 0.001);
        }
      }
    },
  );

  it("a turn swaps the sides", () => {
    expect(ratioOf(crop({ turns: 1 }), { width: 1200, height: 1000 })).toBeCloseTo(1000 / 1200);
    expect(isWhole(crop({ turns: 1 }), LANDSCAPE)).toBe(false);
    expect(isWhole(crop({ turns: 4 }), LANDSCAPE)).toBe(true);
  });
});

describe("moving", () => {
  it("goes by the frame's own size and stops at the edge", () => {
    const square = crop({ ratio: "square", zoom: 2 });
    expect(rectOf(moved(square, LANDSCAPE, 0.5, 0), LANDSCAPE).left).toBeCloseTo(2000);
    const far = moved(square, LANDSCAPE, 99, 0);
    expect(rectOf(far, LANDSCAPE).left).toBe(2500);
    // It does not wind up: one step back moves at once.
    expect(rectOf(moved(far, LANDSCAPE, -0.1, 0), LANDSCAPE).left).toBeCloseTo(2350);
  });

  it("settling keeps zoom within its limits", () => {
    expect(settled(crop({ zoom: 99 }), LANDSCAPE).zoom).toBe(4);
    expect(settled(crop({ zoom: 0 }), LANDSCAPE).zoom).toBe(1);
  });
});
