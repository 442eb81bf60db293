import { useSyncExternalStore } from "react";
import type { Action } from "./actions";
import { reduce } from "./reduce";
import { EMPTY, type State } from "./state";

type Watcher = () => void;

let state: State = EMPTY;
const watchers = new Set<Watcher>();

export function getState(): State {
  return state;
}

export function dispatch(action: Action): void {
  const next = reduce(state, action);
  if (next === state) return;
  state = next;
  for (const watcher of watchers) watcher();
}

export function watch(watcher: Watcher): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

/** A piece of the state. `select` must return what is stored, not something it builds. */
export function useStore<T>(select: (state: State) => T): T {
  return useSyncExternalStore(watch, () => select(state));
}

export function useMe() {
  return useStore((s) => (s.session.is === "in" ? s.session.me : null));
}
