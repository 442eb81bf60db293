/** A sticker while its form is open, and the thing it becomes. */
import { m } from "@/app/messages";
import type { Place } from "./place";
import type { FormKind } from "./StickerTray";
import { linkOf, MIDDLE, type Thing, tagOf } from "./scene";

export interface Draft {
  kind: FormKind;
  /** The question, tag, place or address. */
  text: string;
  label: string;
  options: string[];
  correct: number;
  emoji: string;
  place: Place;
}

export interface Drafted {
  thing: Thing | null;
  problems: Record<string, string | undefined>;
}

export function draftOf(kind: FormKind): Draft {
  return {
    kind,
    text: kind === "question" ? m.telling.stickers.askMe : "",
    label: "",
    options: ["", ""],
    correct: 0,
    emoji: "😍",
    place: MIDDLE,
  };
}

/** The form of a thing that lies on the picture already. */
export function draftFrom(thing: Thing): Draft | null {
  const { x, y, rotation, scale } = thing;
  const place = { x, y, rotation, scale };
  switch (thing.kind) {
    case "mention":
      return { ...draftOf("mention"), text: thing.username, place };
    case "hashtag":
      return { ...draftOf("hashtag"), text: thing.tag, place };
    case "place":
      return { ...draftOf("place"), text: thing.name, place };
    case "link":
      return { ...draftOf("link"), text: thing.url, label: thing.label, place };
    case "poll":
      return { ...draftOf("poll"), text: thing.question, options: thing.options, place };
    case "quiz":
      return {
        ...draftOf("quiz"),
        text: thing.question,
        options: thing.options,
        correct: thing.correct,
        place,
      };
    case "question":
      return { ...draftOf("question"), text: thing.prompt, place };
    case "slider":
      return { ...draftOf("slider"), text: thing.prompt, emoji: thing.emoji, place };
    default:
      return null;
  }
}

/** One emoji or so: nothing that is written with letters, digits or spaces. */
function isEmoji(text: string): boolean {
  return text !== "" && text.length <= 16 && !/[\p{ASCII}\p{L}\p{Z}]/u.test(text);
}

/** The thing, or what is wrong with each field. */
export function thingOf(draft: Draft): Drafted {
  const text = draft.text.trim();
  const wrong = (problems: Drafted["problems"]): Drafted => ({ thing: null, problems });
  const right = (thing: Thing): Drafted => ({ thing, problems: {} });
  const missing = m.telling.stickers.missing;
  const { place } = draft;
  if (draft.kind === "link") {
    const link = linkOf(text);
    if ("problem" in link) return wrong({ text: link.problem });
    return right({ ...place, kind: "link", url: link.url, label: draft.label.trim() });
  }
  if (text === "") return wrong({ text: missing });
  switch (draft.kind) {
    case "mention":
      return right({ ...place, kind: "mention", username: text, color: "white" });
    case "hashtag": {
      const tag = tagOf(text);
      if (!tag) return wrong({ text: m.telling.stickers.tagProblem });
      return right({ ...place, kind: "hashtag", tag, color: "white" });
    }
    case "place":
      return right({ ...place, kind: "place", name: text, lat: null, lng: null });
    case "question":
      return right({ ...place, kind: "question", prompt: text });
    case "slider": {
      const emoji = draft.emoji.trim();
      if (!isEmoji(emoji)) return wrong({ emoji: m.telling.stickers.emojiProblem });
      return right({ ...place, kind: "slider", prompt: text, emoji });
    }
  }
  const options = draft.options.map((option) => option.trim());
  const empty = options.flatMap((option, at) =>
    option ? [] : [[`option${at}`, missing] as const],
  );
  if (empty.length > 0) return wrong(Object.fromEntries(empty));
  if (draft.kind === "poll") return right({ ...place, kind: "poll", question: text, options });
  return right({ ...place, kind: "quiz", question: text, options, correct: draft.correct });
}
