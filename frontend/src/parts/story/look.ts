import type { Media, StoryOverlay, StorySticker } from "@/app/types";

/** What a scene needs of a story; a draft in the editor has no more than this. */
export interface SceneStory {
  media: Pick<Media, "url" | "sources" | "thumbhash" | "alt_text" | "width" | "height" | "type">;
  overlays: StoryOverlay[];
  stickers: StorySticker[];
  filter: string;
}

/** `viewer`: alive. `thumb`: small and inert. `edit`: inert, what is tapped is the editor's. */
export type SceneMode = "viewer" | "thumb" | "edit";

export const FILTERS = [
  "none",
  "warm",
  "cool",
  "mono",
  "noir",
  "fade",
  "vivid",
  "vintage",
  "dream",
  "sharp",
] as const;
export const FONTS = ["classic", "modern", "neon", "typewriter", "strong", "serif"] as const;
export const COLOURS = [
  "white",
  "black",
  "grey",
  "red",
  "orange",
  "yellow",
  "green",
  "teal",
  "blue",
  "purple",
  "pink",
  "brown",
] as const;

/** On these black is read, on the others white. */
const BRIGHT: readonly string[] = ["white", "grey", "orange", "yellow", "green", "teal"];

/** The token of a colour by its name in the contract; white for one that is not known yet. */
export function inkOf(colour: string | undefined): string {
  const known = COLOURS.find((one) => one === colour) ?? "white";
  return `var(--ink-${known})`;
}

export function inkOn(colour: string | undefined): string {
  return BRIGHT.includes(colour ?? "white") ? "var(--ink-black)" : "var(--ink-white)";
}

/** The address of a link that may be followed: http and https alone. Null for all else. */
export function safeLink(url: string | undefined): { href: string; host: string } | null {
  try {
    const { protocol, href, host } = new URL(url ?? "");
    if (protocol !== "https:" && protocol !== "http:") return null;
    return { href, host: host.replace(/^www\./, "") };
  } catch {
    return null;
  }
}

/** Wider pictures than this are shown whole; taller ones fill the frame. */
const FILLS_UP_TO = 0.64;

export function fills(media: SceneStory["media"]): boolean {
  return !media.width || !media.height || media.width / media.height <= FILLS_UP_TO;
}
