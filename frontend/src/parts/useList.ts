import { useEffect } from "react";
import { loadAgain, loadFirst, loadMore, show } from "@/stores/acts/load";
import type { Source } from "@/stores/acts/sources";
import { type List, NO_LIST } from "@/stores/state";
import { useStore } from "@/stores/store";

interface ShownList extends List {
  more: () => void;
  retry: () => void;
  /** Nothing is there yet and something is on its way. */
  first: boolean;
}

/** A list on the screen: loaded when it appears, reloaded when events were missed. */
export function useList(source: Source, enabled = true): ShownList {
  const list = useStore((s) => s.lists[source.key] ?? NO_LIST);
  const { key } = source;
  const { status } = list;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a source is known by its key.
  useEffect(() => {
    if (enabled && status === "idle") loadFirst(source);
  }, [key, status, enabled]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a source is known by its key.
  useEffect(() => (enabled ? show(source) : undefined), [key, enabled]);
  return {
    ...list,
    first: list.ids.length === 0 && (status === "idle" || status === "loading"),
    more: () => loadMore(source),
    retry: () => loadAgain(source),
  };
}
