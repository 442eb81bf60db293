import { describe, expect, it } from "vitest";
import { barsOf, HEIGHT, WIDTH } from "./chart";

describe("barsOf", () => {
  it("has a bar for each hour of the day, and none outside of the chart", () => {
    const { bars, peak, total } = barsOf([
      { hour: 0, views: 3 },
      { hour: 5, views: 9_000 },
    ]);
    expect(bars).toHaveLength(24);
    expect([peak, total]).toEqual([9_000, 9_003]);
    for (const bar of bars) {
      expect(bar.x).toBeGreaterThanOrEqual(0);
      expect(bar.x + bar.width).toBeLessThanOrEqual(WIDTH);
      expect(bar.y).toBeGreaterThanOrEqual(0);
      expect(bar.y + bar.height).toBeCloseTo(HEIGHT);
    }
    // Three among thousands are still to be seen; nobody is nothing.
    expect(bars[0]?.height).toBeGreaterThan(0);
    expect(bars[1]?.height).toBe(0);
  });

  it("goes on when a story was given a longer life", () => {
    expect(barsOf([{ hour: 47, views: 1 }]).bars).toHaveLength(48);
  });

  it("is empty when nobody looked", () => expect(barsOf([]).total).toBe(0));
});
