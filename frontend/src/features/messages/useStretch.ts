import { type RefObject, useEffect, useLayoutEffect, useRef } from "react";
import { m } from "@/app/messages";
import { useList } from "@/parts/useList";
import { loadNewer } from "@/stores/acts/load";
import { sources } from "@/stores/acts/sources";
import { say } from "@/stores/acts/tell";
import { dispatch } from "@/stores/store";
import type { Goal } from "./goal";

type List = ReturnType<typeof useList>;

const AHEAD_PX = 800;
const MARKED_MS = 2_400;

/**
 * What was said around a message that is not among the newest: a list of its own until its pages
 * meet them. Null while the newest are shown.
 */
export function useStretch(
  id: string,
  live: List,
  goal: Goal | null,
  onGoal: (goal: Goal | null) => void,
) {
  const away =
    goal !== null && live.status !== "idle" && !live.first && !live.ids.includes(goal.id);
  const source = sources.around(id, goal?.id ?? "");
  const around = useList(source, away);
  const found = useRef<Goal | null>(null);
  if (goal && around.ids.includes(goal.id)) found.current = goal;
  const shown = away && found.current === goal;
  const { status, problem } = around;
  useEffect(() => {
    if (!away || shown || (status !== "ready" && status !== "failed")) return;
    say(status === "failed" && problem ? problem.text : m.talk.find.gone);
    onGoal(null);
  }, [away, shown, status, problem, onGoal]);
  // It is fetched anew when one comes here again.
  const { key } = source;
  useEffect(() => {
    if (!away) return;
    return () => dispatch({ do: "list.drop", key });
  }, [away, key]);
  const arrive = (arriving: () => void) => loadNewer(source, arriving);
  return { stretch: shown ? around : null, arrive };
}

/**
 * Fetches what is newer before one gets there. The scroller counts from the bottom, so what comes
 * there would push away what one reads: it is held in its place.
 */
export function useNewer(
  scroller: RefObject<HTMLDivElement | null>,
  list: List | null,
  arrive: (arriving: () => void) => void,
) {
  const bottom = useRef<HTMLDivElement>(null);
  const held = useRef<{ element: Element; top: number } | null>(null);
  const ask = useRef(arrive);
  useEffect(() => {
    ask.current = arrive;
  });
  const watching = list?.status === "ready" && list.newer !== null;
  const first = list?.ids[0];
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new page may leave the bottom in sight, where the observer would stay silent.
  useEffect(() => {
    if (!watching || !bottom.current) return;
    const hold = () => {
      const all = scroller.current?.querySelectorAll("[data-id]");
      const element = all?.[all.length - 1];
      held.current = element ? { element, top: element.getBoundingClientRect().top } : null;
    };
    const observer = new IntersectionObserver(
      ([entry]) => entry?.isIntersecting && ask.current(hold),
      { root: scroller.current, rootMargin: `0px 0px ${AHEAD_PX}px 0px` },
    );
    observer.observe(bottom.current);
    return () => observer.disconnect();
  }, [watching, first, scroller]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is the page that moved it.
  useLayoutEffect(() => {
    const { element, top } = held.current ?? {};
    held.current = null;
    if (!element?.isConnected || top === undefined) return;
    scroller.current?.scrollBy({
      top: element.getBoundingClientRect().top - top,
      behavior: "instant",
    });
  }, [first, list === null, scroller]);
  return bottom;
}

/** Goes to the message once it is on the page, and shows for a moment which it is. */
export function useArrival(
  scroller: RefObject<HTMLDivElement | null>,
  goal: Goal | null,
  ids: string[],
  apart: boolean,
  onGoal: (goal: Goal | null) => void,
) {
  const reached = useRef<Goal | null>(null);
  useEffect(() => {
    if (!goal || !ids.includes(goal.id)) return;
    if (reached.current !== goal) {
      const found = scroller.current?.querySelector<HTMLElement>(
        `[data-id="${CSS.escape(goal.id)}"]`,
      );
      if (!found) return;
      reached.current = goal;
      show(found);
    }
    // The newest are on the page again, and it stands among them.
    if (!apart) onGoal(null);
  }, [goal, ids, apart, onGoal, scroller]);
}

function show(found: HTMLElement): void {
  const go = () => found.scrollIntoView({ block: "center", behavior: "instant" });
  go();
  // What was never on the screen has a height that was guessed: once it is drawn, again.
  requestAnimationFrame(() => requestAnimationFrame(go));
  found.focus({ preventScroll: true });
  found.dataset.found = "";
  setTimeout(() => delete found.dataset.found, MARKED_MS);
}
