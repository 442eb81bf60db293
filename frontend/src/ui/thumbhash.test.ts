import { rgbaToThumbHash } from "thumbhash";
import { describe, expect, it } from "vitest";
import { pixelsOf } from "./thumbhash";

function hashOf(width: number, height: number, colour: [number, number, number]): string {
  const rgba = new Uint8Array(width * height * 4);
  for (let i = 0; i < rgba.length; i += 4) rgba.set([...colour, 255], i);
  return btoa(String.fromCharCode(...rgbaToThumbHash(width, height, rgba)));
}

describe("pixelsOf", () => {
  it("gives back the colour and the shape that went in", () => {
    const pixels = pixelsOf(hashOf(60, 40, [200, 80, 40]));
    if (!pixels) throw new Error("no pixels");
    expect(pixels.width).toBeGreaterThan(pixels.height);
    expect(pixels.rgba).toHaveLength(pixels.width * pixels.height * 4);
    const [r = 0, g = 0, b = 0, a] = pixels.rgba;
    expect(Math.abs(r - 200)).toBeLessThan(12);
    expect(Math.abs(g - 80)).toBeLessThan(12);
    expect(Math.abs(b - 40)).toBeLessThan(12);
    expect(a).toBe(255);
  });

  it.each(["", "!!", "AA==", "not base64!"])("takes %j for nothing", (text) => {
    expect(pixelsOf(text)).toBeNull();
  });

  it("decodes a hash once", () => {
    const hash = hashOf(10, 10, [1, 2, 3]);
    expect(pixelsOf(hash)).toBe(pixelsOf(hash));
  });
});
