/** What lies over a story while it is made, and the words in which it is sent. */
import { m } from "@/app/messages";
import type { NewOverlay, NewSticker, NewStory, StoryOverlay, StorySticker } from "@/app/types";
import type { Place } from "./place";

export const VIDEO_S_MAX = 60;
export const OVERLAYS_MAX = 30;
export const STICKERS_MAX = 5;
export const TEXT_MAX = 500;
export const QUESTION_MAX = 140;
export const OPTION_MAX = 60;
export const STROKES_MAX = 60;

export type Thing = NewOverlay | NewSticker;
export type Kind = Thing["kind"];
export interface Layer {
  id: string;
  thing: Thing;
}

const STICKER_KINDS: readonly string[] = ["poll", "question", "quiz", "slider"];

export function isSticker(thing: Thing): thing is NewSticker {
  return STICKER_KINDS.includes(thing.kind);
}

export const MIDDLE: Place = { x: 0.5, y: 0.42, rotation: 0, scale: 1 };

export function overlaysOf(layers: Layer[]): NewOverlay[] {
  return layers.flatMap(({ thing }) => (isSticker(thing) ? [] : [thing]));
}

export function stickersOf(layers: Layer[]): NewSticker[] {
  return layers.flatMap(({ thing }) => (isSticker(thing) ? [thing] : []));
}

/** Why one more of that kind can't be laid over it; nothing when it can. */
export function fullFor(layers: Layer[], kind: Kind): string | null {
  if (STICKER_KINDS.includes(kind)) {
    return stickersOf(layers).length >= STICKERS_MAX ? m.telling.stickersFull : null;
  }
  return overlaysOf(layers).length >= OVERLAYS_MAX ? m.telling.overlaysFull : null;
}

/** Overlays lie under stickers, as wherever a story is shown. */
export function inOrder(layers: Layer[]): Layer[] {
  return [
    ...layers.filter(({ thing }) => !isSticker(thing)),
    ...layers.filter(({ thing }) => isSticker(thing)),
  ];
}

/** As the viewer's shapes take it. */
export function overlayShown(overlay: NewOverlay): StoryOverlay {
  if (overlay.kind !== "drawing") return overlay;
  return { ...overlay, strokes: overlay.strokes.map((stroke) => ({ ...stroke })) };
}

export function stickerShown(id: string, sticker: NewSticker): StorySticker {
  return { ...sticker, sticker_id: id, answer: null };
}

export interface Telling {
  mediaKey: string;
  kind: "photo" | "video";
  durationS: number | null;
  layers: Layer[];
  filter: NonNullable<NewStory["filter"]>;
  alt: string;
}

export interface Terms {
  audience: string;
  allowReplies: boolean;
  allowRepost: boolean;
}

export function requestOf(one: Telling, terms: Terms, sequenceId: string | null): NewStory {
  const alt = one.alt.trim();
  return {
    media_url: one.mediaKey,
    media_type: one.kind,
    ...(one.durationS !== null && { duration: Math.min(VIDEO_S_MAX, one.durationS) }),
    audience: terms.audience,
    overlays: overlaysOf(one.layers),
    filter: one.filter,
    stickers: stickersOf(one.layers),
    ...(alt && { alt_text: alt }),
    allow_replies: terms.allowReplies,
    allow_repost: terms.allowRepost,
    ...(sequenceId !== null && { sequence_id: sequenceId }),
  };
}

/** The link as it is sent, or why it is none. A bare host is taken to be https. */
export function linkOf(written: string): { url: string } | { problem: string } {
  const text = written.trim();
  if (text === "") return { problem: m.telling.link.empty };
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(text)?.[1]?.toLowerCase();
  const named = scheme !== undefined && !/^[^/]+:\d+(\/|$)/.test(text);
  if (named && scheme !== "http" && scheme !== "https") {
    return { problem: m.telling.link.scheme(`${scheme}:`) };
  }
  if (/\s/.test(text) || text.includes("\\")) return { problem: m.telling.link.spaces };
  const url = named ? text : `https://${text}`;
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    return { problem: m.telling.link.broken };
  }
  if (parsed.username || parsed.password) return { problem: m.telling.link.user };
  if (!parsed.hostname.includes(".") && parsed.hostname !== "localhost" && !named) {
    return { problem: m.telling.link.broken };
  }
  return url.length > 2048 ? { problem: m.telling.link.long } : { url };
}

/** The tag without its sign, or nothing when it can't be one. */
export function tagOf(written: string): string | null {
  const tag = written.trim().replace(/^#/, "").toLowerCase();
  return /^[\p{L}\p{N}_]{1,50}$/u.test(tag) && !/^\p{N}+$/u.test(tag) ? tag : null;
}
