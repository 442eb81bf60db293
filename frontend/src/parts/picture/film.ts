import type { Size } from "./crop";

const WAIT_MS = 8_000;
const STILL_PX_MAX = 1_080;
const QUALITY = 0.85;

/** What this browser can tell of a video; nulls where it can't, then the server judges. */
export interface Film {
  durationS: number | null;
  size: Size | null;
  /** One picture of it, from near the beginning. */
  still: Blob | null;
}

/** A still is made only of what lasts `secondsMax` at most. */
export async function readFilm(file: File, secondsMax: number): Promise<Film> {
  const video = document.createElement("video");
  const url = URL.createObjectURL(file);
  video.preload = "auto";
  video.muted = true;
  video.playsInline = true;
  try {
    const opened = happens(video, "loadedmetadata");
    video.src = url;
    if (!(await opened)) return { durationS: null, size: null, still: null };
    const durationS = Number.isFinite(video.duration) ? video.duration : null;
    const { videoWidth: width, videoHeight: height } = video;
    const size = width > 0 && height > 0 ? { width, height } : null;
    if (!size || (durationS ?? 0) > secondsMax) return { durationS, size, still: null };
    const there = happens(video, "seeked");
    video.currentTime = Math.min(1, (durationS ?? 0) / 10);
    return { durationS, size, still: (await there) ? await pictureOf(video, size) : null };
  } finally {
    video.removeAttribute("src");
    URL.revokeObjectURL(url);
  }
}

function happens(video: HTMLVideoElement, name: string): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), WAIT_MS);
    const end = (event: Event) => {
      clearTimeout(timer);
      resolve(event.type === name);
    };
    video.addEventListener(name, end, { once: true });
    video.addEventListener("error", end, { once: true });
  });
}

function pictureOf(video: HTMLVideoElement, { width, height }: Size): Promise<Blob | null> {
  const scale = Math.min(1, STILL_PX_MAX / Math.max(width, height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  canvas.getContext("2d")?.drawImage(video, 0, 0, canvas.width, canvas.height);
  return new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
}
