/** What a person wrote, cut into plain words and the parts that mean something. */
export type Piece =
  | { is: "text"; text: string }
  | { is: "mention"; text: string; username: string }
  | { is: "tag"; text: string }
  | { is: "link"; text: string; href: string };

/*
 * A mention may not begin inside a word (an email address is none) nor end in a dot. A tag needs
 * a letter, so that "#1" stays a number.
 */
const MARKS =
  /(?<![\p{L}\p{N}_@#/.])(?:@(?<name>[a-zA-Z0-9._]{2,29}[a-zA-Z0-9_])|#(?<tag>[\p{L}\p{N}_]*\p{L}[\p{L}\p{N}_]*)|(?<url>https?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]]))/gu;

export function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (const match of text.matchAll(MARKS)) {
    if (match.index > end) pieces.push({ is: "text", text: text.slice(end, match.index) });
    const [whole] = match;
    const { name, url } = match.groups ?? {};
    if (name) pieces.push({ is: "mention", text: whole, username: name.toLowerCase() });
    else if (url)
      pieces.push({ is: "link", text: url.replace(/^https?:\/\/(www\.)?/, ""), href: url });
    else pieces.push({ is: "tag", text: whole });
    end = match.index + whole.length;
  }
  if (end < text.length) pieces.push({ is: "text", text: text.slice(end) });
  return pieces;
}

export function tagsIn(text: string): number {
  return new Set(
    piecesOf(text)
      .filter((piece) => piece.is === "tag")
      .map((piece) => piece.text.toLowerCase()),
  ).size;
}
