import { describe, expect, it } from "vitest";
import { piecesOf, tagsIn } from "./richText";

const marks = (text: string) =>
  piecesOf(text)
    .filter((piece) => piece.is !== "text")
    .map((piece) => piece.text);

describe("piecesOf", () => {
  it("finds mentions, tags and links, and loses no letter", () => {
    const text = "Hi @ana.k, see #sunset_2 at https://example.org/a?b=1.";
    expect(marks(text)).toEqual(["@ana.k", "#sunset_2", "example.org/a?b=1"]);
    expect(piecesOf("a @bob c").map((piece) => piece.text)).toEqual(["a ", "@bob", " c"]);
  });

  it.each(["me@example.org", "a#b", "#1", "##x", "@ab.", "1/@bob"])("leaves %j alone", (text) => {
    expect(marks(text).filter((mark) => mark === text)).toEqual([]);
  });

  it("ends a mention before the full stop of its sentence", () => {
    expect(marks("Thanks @anna.")).toEqual(["@anna"]);
  });

  it("takes tags in any script", () => {
    expect(marks("#москва #日本 #été")).toEqual(["#москва", "#日本", "#été"]);
  });

  it("never makes a script link", () => {
    expect(marks("javascript:alert(1) <script>")).toEqual([]);
  });

  it("counts a tag once", () => {
    expect(tagsIn("#a #A #b")).toBe(2);
  });
});
