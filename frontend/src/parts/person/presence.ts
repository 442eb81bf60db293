import { type RefObject, useEffect, useState } from "react";
import type { Presence } from "@/app/types";
import { dispatch, useStore } from "@/stores/store";
import { isWanted, subscribe } from "@/stores/topics";

const LET_GO_MS = 250;

/** Whether something is in sight, or about to be. */
export function useInSight(element: RefObject<Element | null>): boolean {
  const [inSight, setInSight] = useState(false);
  useEffect(() => {
    if (!element.current) return;
    const observer = new IntersectionObserver(
      (entries) => setInSight(entries.at(-1)?.isIntersecting === true),
      { rootMargin: "200px" },
    );
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [element]);
  return inSight;
}

/** When a person is active, for as long as somebody shows it; null when one may not know. */
export function usePresence(userId: string | null): Presence | null {
  useEffect(() => {
    if (!userId) return;
    const topic = `presence:${userId}`;
    const stop = subscribe(topic);
    return () => {
      stop();
      // What was true once says nothing of later. But the next screen may show the same person, and
      // then the socket, which gathers such changes, never lets go of the topic.
      setTimeout(() => {
        if (!isWanted(topic)) dispatch({ do: "presence", userId, is: null });
      }, LET_GO_MS);
    };
  }, [userId]);
  return useStore((s) => (userId ? (s.presence[userId] ?? null) : null));
}
