import { m } from "@/app/messages";
import type { Thing } from "./scene";

const SHORT = 60;
const short = (text: string) => (text.length > SHORT ? `${text.slice(0, SHORT)}…` : text);

/** What a screen reader calls a thing on the picture. */
export function nameOf(thing: Thing): string {
  const { kinds } = m.telling.layer;
  switch (thing.kind) {
    case "text":
      return kinds.text(short(thing.text));
    case "emoji":
      return kinds.emoji(thing.emoji);
    case "mention":
      return kinds.mention(thing.username);
    case "hashtag":
      return kinds.hashtag(thing.tag);
    case "place":
      return kinds.place(short(thing.name));
    case "link":
      return kinds.link(short(thing.label || thing.url));
    case "drawing":
      return kinds.drawing();
    case "poll":
      return kinds.poll(short(thing.question));
    case "quiz":
      return kinds.quiz(short(thing.question));
    case "question":
      return kinds.question(short(thing.prompt));
    case "slider":
      return kinds.slider(short(thing.prompt));
  }
}
