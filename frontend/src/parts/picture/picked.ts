/** Files that somebody picked: what they are, and why some can't be taken. */
import { m } from "@/app/messages";
import type { Size } from "./crop";
import { readFilm } from "./film";

const MB = 1024 * 1024;
const MB_MAX = { photo: 20, video: 500 };
/** A video of 60 s has a last frame, and a container that rounds. */
const SLACK_S = 0.5;
/** Of a video in a post or a message. */
export const VIDEO_S_MAX = 15 * 60;

const PHOTOS: Record<string, string> = {
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  png: "image/png",
  webp: "image/webp",
  avif: "image/avif",
  heic: "image/heic",
  heif: "image/heif",
  gif: "image/gif",
};

const VIDEOS: Record<string, string> = {
  mp4: "video/mp4",
  m4v: "video/mp4",
  mov: "video/quicktime",
  webm: "video/webm",
};

/** For a file input. Some systems go by the ending alone. */
export const ACCEPT = [
  ...new Set([...Object.values(PHOTOS), ...Object.values(VIDEOS)]),
  ".heic",
  ".heif",
  ".mov",
].join(",");

export interface Picked {
  file: File;
  type: string;
  kind: "photo" | "video";
  /** Seconds of a video; null when this browser can't tell, and the server judges. */
  durationS: number | null;
  /** Of a video, as far as this browser can tell. */
  size: Size | null;
  /** One picture of a video. */
  still: Blob | null;
}

/** By what the system says; some don't know HEIC or MOV, so the name tells. */
function typeIn(types: Record<string, string>, file: File): string | null {
  if (Object.values(types).includes(file.type)) return file.type;
  if (file.type !== "") return null;
  return types[file.name.split(".").pop()?.toLowerCase() ?? ""] ?? null;
}

/** What it is, or why it can't be taken. Nothing is sent before this is known. */
export async function judged(file: File, secondsMax = VIDEO_S_MAX): Promise<Picked | string> {
  const photo = typeIn(PHOTOS, file);
  const type = photo ?? typeIn(VIDEOS, file);
  if (!type) return m.files.wrongType(file.name);
  if (file.size === 0) return m.files.empty(file.name);
  const kind = photo ? "photo" : "video";
  if (file.size > MB_MAX[kind] * MB) return m.files.tooLarge(file.name, MB_MAX[kind]);
  if (photo) return { file, type, kind, durationS: null, size: null, still: null };
  const film = await readFilm(file, secondsMax + SLACK_S);
  if (film.durationS !== null && film.durationS > secondsMax + SLACK_S) {
    return m.files.tooLong(file.name, film.durationS, secondsMax);
  }
  return { file, type, kind, ...film };
}

/** Whether something that is dropped or pasted may be meant for us at all. */
export function isVisual(file: File): boolean {
  return /^(image|video)\//.test(file.type);
}
