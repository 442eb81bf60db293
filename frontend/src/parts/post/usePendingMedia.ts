import { useEffect } from "react";
import type { Post } from "@/app/types";
import { refetch } from "@/stores/acts/posts";
import { isPending } from "./shape";

const ASK_EVERY_MS = 4_000;

/**
 * One's own post whose photos are still in work: `media.ready` tells when they are done. Should
 * that event be lost with a connection, asking now and then brings the photos all the same.
 */
export function usePendingMedia(post: Post | undefined): void {
  const id = post?.post_id;
  const pending = post?.media.some(isPending) === true;
  useEffect(() => {
    if (!id || !pending) return;
    const timer = setInterval(() => void refetch(id), ASK_EVERY_MS);
    return () => clearInterval(timer);
  }, [id, pending]);
}
