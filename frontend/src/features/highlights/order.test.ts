import { describe, expect, it } from "vitest";
import { shifted, toggled } from "./order";

const a = { story_id: "a" };
const b = { story_id: "b" };
const c = { story_id: "c" };

describe("the stories of a highlight", () => {
  it("stand in the order in which they were chosen", () => {
    expect(toggled(toggled([], b), a)).toEqual([b, a]);
    expect(toggled([b, a], b)).toEqual([a]);
  });

  it("move by one place and never out of the row", () => {
    expect(shifted([a, b, c], 0, 1)).toEqual([b, a, c]);
    expect(shifted([a, b, c], 2, -1)).toEqual([a, c, b]);
    expect(shifted([a, b, c], 0, -1)).toEqual([a, b, c]);
    expect(shifted([a, b, c], 2, 1)).toEqual([a, b, c]);
  });
});
