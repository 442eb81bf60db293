import type { Media } from "@/app/types";
import type { Preview } from "@/stores/state";

/** The widest and the tallest a post is shown: what lies beyond is cropped to these. */
const WIDEST = 1.91;
const TALLEST = 4 / 5;

/** Width over height of the frame that a post's photos share: that of the first. */
export function frameRatio(media: Media | undefined, preview?: Preview): number {
  const width = media?.width ?? preview?.width;
  const height = media?.height ?? preview?.height;
  if (!width || !height) return 1;
  return Math.min(WIDEST, Math.max(TALLEST, width / height));
}

/** Still being worked on by the server; such an item carries its status. */
export function isPending(item: Media): boolean {
  return item.status !== undefined && item.status !== "ready" && item.status !== "failed";
}
