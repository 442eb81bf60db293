import { useEffect } from "react";
import { loadStoriesOf, loadTray } from "@/stores/acts/stories";
import { useStore } from "@/stores/store";
import { NO_RING } from "@/stores/stories/state";

/** The ring around somebody's face, as far as it is known here. */
export function useRing(userId: string | undefined) {
  return useStore((s) => (userId ? s.stories.people[userId]?.ring : undefined) ?? NO_RING);
}

/** Rings are shown: they are fetched once, and kept by events from then on. */
export function useRings(): void {
  const status = useStore((s) => s.stories.tray);
  useEffect(() => {
    if (status === "idle") void loadTray();
  }, [status]);
}

/** The ring of somebody who may not stand in the tray, and their stories, ready to be opened. */
export function useStoriesOf(username: string): void {
  useEffect(() => {
    void loadStoriesOf(username);
  }, [username]);
}
