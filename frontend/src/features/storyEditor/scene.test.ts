import { describe, expect, it } from "vitest";
import { draftFrom, draftOf, thingOf } from "./draft";
import {
  fullFor,
  inOrder,
  type Layer,
  linkOf,
  MIDDLE,
  OVERLAYS_MAX,
  requestOf,
  STICKERS_MAX,
  type Thing,
  tagOf,
} from "./scene";

const layer = (thing: Thing, id = "1"): Layer => ({ id, thing });
const emoji: Thing = { ...MIDDLE, kind: "emoji", emoji: "🔥" };
const poll: Thing = { ...MIDDLE, kind: "poll", question: "Tea?", options: ["Yes", "No"] };
const TERMS = { audience: "close_friends", allowReplies: false, allowRepost: true };
const PART = {
  mediaKey: "m/1",
  kind: "photo" as const,
  durationS: null,
  layers: [] as Layer[],
  filter: "noir" as const,
  alt: "  A cat ",
};

describe("the request", () => {
  it("says everything in the words of the contract", () => {
    const layers = [layer(poll, "p"), layer(emoji, "e")];
    expect(requestOf({ ...PART, layers }, TERMS, "seq")).toEqual({
      media_url: "m/1",
      media_type: "photo",
      audience: "close_friends",
      overlays: [emoji],
      stickers: [poll],
      filter: "noir",
      alt_text: "A cat",
      allow_replies: false,
      allow_repost: true,
      sequence_id: "seq",
    });
  });

  it("leaves out what was not said", () => {
    const made = requestOf({ ...PART, alt: " " }, TERMS, null);
    expect(made).not.toHaveProperty("alt_text");
    expect(made).not.toHaveProperty("sequence_id");
    expect(made).not.toHaveProperty("duration");
  });

  it("never claims more than a minute for a video", () => {
    const made = requestOf({ ...PART, kind: "video", durationS: 60.3 }, TERMS, null);
    expect(made).toMatchObject({ media_type: "video", duration: 60 });
  });
});

describe("layers", () => {
  it("are drawn as a viewer draws them: stickers above", () => {
    const kinds = inOrder([layer(poll), layer(emoji)]).map((one) => one.thing.kind);
    expect(kinds).toEqual(["emoji", "poll"]);
  });

  it("are refused once the server would refuse them", () => {
    const many = (thing: Thing, n: number) => Array.from({ length: n }, () => layer(thing));
    expect(fullFor(many(emoji, OVERLAYS_MAX - 1), "text")).toBeNull();
    expect(fullFor(many(emoji, OVERLAYS_MAX), "text")).toContain("30");
    expect(fullFor(many(emoji, OVERLAYS_MAX), "poll")).toBeNull();
    expect(fullFor(many(poll, STICKERS_MAX), "quiz")).toContain("5");
  });
});

describe("a link", () => {
  it.each([
    ["https://example.org/a?b=c", "https://example.org/a?b=c"],
    ["http://example.org", "http://example.org"],
    [" example.org/shop ", "https://example.org/shop"],
    ["localhost:8000/x", "https://localhost:8000/x"],
  ])("%s leads somewhere", (written, url) => expect(linkOf(written)).toEqual({ url }));

  it.each([
    ["javascript:alert(1)", "javascript:"],
    ["JaVaScRiPt:alert(1)", "javascript:"],
    ["data:text/html,hi", "data:"],
    ["ftp://example.org", "ftp:"],
    ["https://me:secret@example.org", "password"],
    ["https://example.org/a b", "spaces"],
    ["https:\\\\example.org", "backslashes"],
    ["hello", "address"],
    ["", "lead"],
  ])("%s is refused, and why is said", (written, why) => {
    const found = linkOf(written);
    expect("problem" in found && found.problem).toContain(why);
  });
});

describe("a hashtag", () => {
  it.each([
    ["#Summer", "summer"],
    [" über_uns ", "über_uns"],
    ["no way", null],
    ["2026", null],
    ["", null],
    ["a".repeat(51), null],
  ])("%s", (written, tag) => expect(tagOf(written)).toBe(tag));
});

describe("a sticker's form", () => {
  it("names what is missing where it is missing", () => {
    const { thing, problems } = thingOf({
      ...draftOf("poll"),
      text: "Tea?",
      options: ["Yes", " "],
    });
    expect(thing).toBeNull();
    expect(Object.keys(problems)).toEqual(["option1"]);
  });

  it("wants an emoji and nothing else on a slider", () => {
    const draft = { ...draftOf("slider"), text: "How much?" };
    expect(thingOf({ ...draft, emoji: "very" }).problems.emoji).toBeDefined();
    expect(thingOf({ ...draft, emoji: "👩‍👩‍👧" }).thing).toMatchObject({ emoji: "👩‍👩‍👧" });
  });

  it("opens again as it was closed, in the same place", () => {
    const things: Thing[] = [
      poll,
      { ...MIDDLE, kind: "quiz", question: "?", options: ["a", "b", "c"], correct: 2 },
      { ...MIDDLE, kind: "question", prompt: "Ask" },
      { ...MIDDLE, kind: "slider", prompt: "How?", emoji: "😍" },
      { ...MIDDLE, kind: "link", url: "https://example.org/", label: "Shop" },
      { ...MIDDLE, kind: "hashtag", tag: "sea", color: "white" },
      { ...MIDDLE, kind: "place", name: "Porto", lat: null, lng: null },
      { ...MIDDLE, kind: "mention", username: "ana", color: "white" },
    ];
    for (const thing of things) {
      const turned = { ...thing, x: 0.1, rotation: 30 };
      const draft = draftFrom(turned);
      expect(draft && thingOf(draft).thing).toEqual(turned);
    }
  });
});
