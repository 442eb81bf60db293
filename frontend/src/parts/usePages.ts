import { useCallback, useEffect, useRef, useState } from "react";
import { type Problem, problemOf } from "@/api/errors";
import type { Answer } from "@/api/http";

type Fetch<T> = (cursor: string | null) => Promise<Answer<T[]>>;

interface Pages<T> {
  /** What a list's end looks at to know that something came. */
  ids: readonly T[];
  items: T[];
  status: "loading" | "ready" | "failed";
  problem: Problem | null;
  hasMore: boolean;
  first: boolean;
  more: () => void;
  retry: () => void;
  /** What was done to the items here, said here. */
  change: (to: (items: T[]) => T[]) => void;
}

/**
 * Pages of something that one screen alone shows and no event touches. What several screens share
 * is in the store.
 */
export function usePages<T>(key: string, fetch: Fetch<T>): Pages<T> {
  const [items, setItems] = useState<T[]>([]);
  const [cursor, setCursor] = useState<string | null>(null);
  const [status, setStatus] = useState<Pages<T>["status"]>("loading");
  const [problem, setProblem] = useState<Problem | null>(null);
  const [hasMore, setHasMore] = useState(true);
  const attempt = useRef(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a list is known by its key.
  const load = useCallback(
    async (from: string | null) => {
      const mine = ++attempt.current;
      setStatus("loading");
      try {
        const { data, page } = await fetch(from);
        if (attempt.current !== mine) return;
        setItems((before) => (from === null ? data : [...before, ...data]));
        setCursor(page.next_cursor);
        setHasMore(page.has_more);
        setProblem(null);
        setStatus("ready");
      } catch (error) {
        if (attempt.current !== mine) return;
        setProblem(problemOf(error));
        setStatus("failed");
      }
    },
    [key],
  );

  useEffect(() => {
    void load(null);
  }, [load]);

  return {
    ids: items,
    items,
    status,
    problem,
    hasMore,
    first: items.length === 0 && status === "loading",
    more: () => {
      if (status === "ready" && hasMore) void load(cursor);
    },
    retry: () => void load(items.length > 0 ? cursor : null),
    change: setItems,
  };
}
