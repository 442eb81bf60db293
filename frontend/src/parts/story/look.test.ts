import { describe, expect, it } from "vitest";
import { fills, inkOf, safeLink } from "./look";

describe("a story's link", () => {
  it("leads to http and https alone", () => {
    expect(safeLink("https://www.example.org/a?b=1")).toEqual({
      href: "https://www.example.org/a?b=1",
      host: "example.org",
    });
    for (const url of [
      "javascript:alert(1)",
      "JaVaScRiPt://example.org/%0aalert(1)",
      "data:text/html,x",
      "vbscript:x",
      "/u/ana",
      "",
      undefined,
    ]) {
      expect(safeLink(url)).toBeNull();
    }
  });
});

describe("a scene", () => {
  const media = { url: "v.mp4", thumbhash: null, alt_text: "", width: 4, height: 3 };

  it("knows colours by name alone", () => {
    expect(inkOf("teal")).toBe("var(--ink-teal)");
    expect(inkOf("red;background:url(x)")).toBe("var(--ink-white)");
  });

  it("shows wide pictures whole", () => {
    const photo = { ...media, type: "photo" as const, sources: [] };
    expect(fills(photo)).toBe(false);
    expect(fills({ ...photo, width: 9, height: 16 })).toBe(true);
  });
});
