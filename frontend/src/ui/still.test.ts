import { describe, expect, it } from "vitest";
import { stillOf } from "./still";

const film = { url: "v.mp4", type: "video/mp4" };
const webp = { url: "p.webp", type: "image/webp" };
const jpeg = { url: "p.jpg", type: "image/jpeg" };

describe("the picture of a medium", () => {
  it("is a photo's own", () => {
    expect(stillOf("p.jpg", [webp, jpeg])).toBe("p.jpg");
    expect(stillOf("p.jpg", [])).toBe("p.jpg");
    expect(stillOf(null, [])).toBeNull();
  });

  it("is never a video's file", () => {
    expect(stillOf("v.mp4", [film, webp, jpeg])).toBe("p.jpg");
    expect(stillOf("v.mp4", [film, webp])).toBe("p.webp");
    expect(stillOf("v.mp4", [film])).toBeNull();
  });
});
