import { useTopic } from "@/parts/useTopic";
import { useStore } from "@/stores/store";

/** How far the server is with one's own medium, in percent, while it works on it; null before it
 * tells. */
export function useWork(mediaId: string | null | undefined): number | null {
  useTopic(mediaId ? `media:${mediaId}` : null);
  return useStore((s) => (mediaId ? (s.work[mediaId] ?? null) : null));
}
