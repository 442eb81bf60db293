import { useEffect, useRef } from "react";
import type { Problem } from "@/api/errors";
import { Failure } from "@/ui/Empty";
import { Waiting } from "@/ui/Spinner";

const AHEAD_PX = 900;

interface Paged {
  ids: readonly unknown[];
  status: "idle" | "loading" | "ready" | "failed";
  problem: Problem | null;
  hasMore: boolean;
  more: () => void;
  retry: () => void;
}

/** The end of a list: fetches the next page before it is reached, and says when that failed. */
export function More({ list }: { list: Paged }) {
  const end = useRef<HTMLDivElement>(null);
  const more = useRef(list.more);
  useEffect(() => {
    more.current = list.more;
  });
  const watching = list.status === "ready" && list.hasMore;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new page may leave the end in sight, where the observer would stay silent.
  useEffect(() => {
    if (!watching || !end.current) return;
    const observer = new IntersectionObserver(
      ([entry]) => entry?.isIntersecting && more.current(),
      { rootMargin: `${AHEAD_PX}px` },
    );
    observer.observe(end.current);
    return () => observer.disconnect();
  }, [watching, list.ids.length]);
  return (
    <div ref={end}>
      {list.status === "loading" && list.ids.length > 0 && <Waiting />}
      {list.status === "failed" && list.problem && (
        <Failure {...list.problem} onRetry={list.retry} />
      )}
    </div>
  );
}
