import { useSyncExternalStore } from "react";

/** Whether stories play with sound: remembered for this device, silent at first. */
const KEY = "glimpse.story.sound";

function remembered(): boolean {
  try {
    return localStorage.getItem(KEY) === "on";
  } catch {
    return false;
  }
}

let on = remembered();
const watchers = new Set<() => void>();

export function setSound(next: boolean, remember = true): void {
  on = next;
  for (const watcher of watchers) watcher();
  if (!remember) return;
  try {
    localStorage.setItem(KEY, next ? "on" : "off");
  } catch {
    // Then it is remembered as long as the page.
  }
}

export function useSound(): boolean {
  return useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => on,
  );
}
