import { m } from "@/app/messages";
import { typeOf } from "@/parts/picture/picture";

const PHOTO_MB_MAX = 20;
const VIDEO_MB_MAX = 500;
const MB = 1024 * 1024;
export const VIDEO_S_MAX = 60;
/** A video of 60 s has a last frame, and a container that rounds. */
const SLACK_S = 0.5;
const METADATA_MS_MAX = 8_000;

const VIDEOS: Record<string, string> = {
  mp4: "video/mp4",
  m4v: "video/mp4",
  mov: "video/quicktime",
  webm: "video/webm",
};

export const ACCEPT =
  "image/jpeg,image/png,image/webp,image/avif,image/heic,image/heif,image/gif,.heic,.heif," +
  "video/mp4,video/quicktime,video/webm,.mov";

export interface Picked {
  file: File;
  type: string;
  kind: "photo" | "video";
  /** Seconds of a video; null when this browser can't tell, and the server judges. */
  durationS: number | null;
}

function videoTypeOf(file: File): string | null {
  if (Object.values(VIDEOS).includes(file.type)) return file.type;
  if (file.type !== "") return null;
  return VIDEOS[file.name.split(".").pop()?.toLowerCase() ?? ""] ?? null;
}

/** What can be told of it, or why it can't. Nothing is sent before this is known. */
export async function judged(file: File): Promise<Picked | string> {
  if (file.size === 0) return m.telling.emptyFile(file.name);
  const photo = typeOf(file);
  if (photo) {
    if (file.size > PHOTO_MB_MAX * MB) return m.telling.tooLarge(file.name, PHOTO_MB_MAX);
    return { file, type: photo, kind: "photo", durationS: null };
  }
  const video = videoTypeOf(file);
  if (!video) return m.telling.wrongType(file.name);
  if (file.size > VIDEO_MB_MAX * MB) return m.telling.tooLarge(file.name, VIDEO_MB_MAX);
  const durationS = await lengthOf(file);
  if (durationS !== null && durationS > VIDEO_S_MAX + SLACK_S) {
    return m.telling.tooLong(file.name, durationS);
  }
  return { file, type: video, kind: "video", durationS };
}

function lengthOf(file: File): Promise<number | null> {
  const video = document.createElement("video");
  const url = URL.createObjectURL(file);
  return new Promise<number | null>((resolve) => {
    const timer = setTimeout(() => resolve(null), METADATA_MS_MAX);
    const done = (seconds: number | null) => {
      clearTimeout(timer);
      resolve(seconds);
    };
    video.preload = "metadata";
    video.muted = true;
    video.onloadedmetadata = () => done(Number.isFinite(video.duration) ? video.duration : null);
    video.onerror = () => done(null);
    video.src = url;
  }).finally(() => {
    video.removeAttribute("src");
    URL.revokeObjectURL(url);
  });
}
