import { type RefObject, useEffect, useRef, useState } from "react";
import type { Message } from "@/app/types";
import type { useList } from "@/parts/useList";

const NEAR_PX = 60;
const AHEAD_PX = 800;

/** Whether one is at the newest message, and how many came while one was not. */
export function useBottom(
  scroller: RefObject<HTMLDivElement | null>,
  newest: Message | undefined,
  sending: boolean,
  myId: string,
) {
  const [atBottom, setAtBottom] = useState(true);
  const [below, setBelow] = useState(0);
  const last = useRef(newest?.message_id);
  const at = useRef(true);
  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const onScroll = () => {
      at.current = element.scrollTop > -NEAR_PX;
      setAtBottom(at.current);
      if (at.current) setBelow(0);
    };
    element.addEventListener("scroll", onScroll, { passive: true });
    return () => element.removeEventListener("scroll", onScroll);
  }, [scroller]);
  useEffect(() => {
    const id = newest?.message_id;
    const before = last.current;
    last.current = id;
    if (!id || !before || id <= before) return;
    if (at.current) scroller.current?.scrollTo({ top: 0 });
    else if (newest.user.user_id !== myId) setBelow((n) => n + 1);
  }, [newest, myId, scroller]);
  // What one says oneself is always looked at.
  useEffect(() => {
    if (sending) scroller.current?.scrollTo({ top: 0 });
  }, [sending, scroller]);
  const toBottom = (atOnce: boolean) =>
    scroller.current?.scrollTo({ top: 0, behavior: atOnce ? "instant" : "smooth" });
  return { atBottom, below, toBottom };
}

/** Fetches what is older before one gets there. */
export function useOlder(
  scroller: RefObject<HTMLDivElement | null>,
  list: ReturnType<typeof useList>,
) {
  const top = useRef<HTMLDivElement>(null);
  const more = useRef(list.more);
  useEffect(() => {
    more.current = list.more;
  });
  const watching = list.status === "ready" && list.hasMore;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new page may leave the top in sight, where the observer would stay silent.
  useEffect(() => {
    if (!watching || !top.current) return;
    const observer = new IntersectionObserver(
      ([entry]) => entry?.isIntersecting && more.current(),
      { root: scroller.current, rootMargin: `${AHEAD_PX}px 0px 0px 0px` },
    );
    observer.observe(top.current);
    return () => observer.disconnect();
  }, [watching, list.ids.length, scroller]);
  return top;
}
