import { type RefObject, useEffect, useRef } from "react";
import { useStore } from "@/stores/store";
import { type Hold, leftMs, type Show, type ShowAct, storyOf } from "./show";

const now = () => performance.now();

/** What makes time stand still, beside the finger: other sheets, another tab, writing. */
export function useHolds(dialog: RefObject<HTMLElement | null>, act: (act: ShowAct) => void): void {
  const sheets = useStore((s) => s.overlays.length);
  const latest = useRef(act);
  useEffect(() => {
    latest.current = act;
  });
  useEffect(() => {
    latest.current({ is: sheets > 0 ? "hold" : "release", why: "sheet", now: now() });
  }, [sheets]);
  useEffect(() => {
    const element = dialog.current;
    const set = (on: boolean, why: Hold) =>
      latest.current({ is: on ? "hold" : "release", why, now: now() });
    const look = () => set(document.visibilityState === "hidden", "hidden");
    const writes = () => set(isWriting(document.activeElement), "typing");
    // The field that gives up the focus does so before the next one has it.
    const left = () => setTimeout(writes, 0);
    look();
    document.addEventListener("visibilitychange", look);
    element?.addEventListener("focusin", writes);
    element?.addEventListener("focusout", left);
    return () => {
      document.removeEventListener("visibilitychange", look);
      element?.removeEventListener("focusin", writes);
      element?.removeEventListener("focusout", left);
    };
  }, [dialog]);
}

/** A field for words, or a slider under the finger. */
export function isWriting(element: Element | null): boolean {
  return element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement;
}

/** Ends the story when its time is over. */
export function useTimer(show: Show, act: (act: ShowAct) => void): void {
  const latest = useRef(act);
  useEffect(() => {
    latest.current = act;
  });
  useEffect(() => {
    const id = storyOf(show);
    const ms = leftMs(show, now());
    if (!id || ms === null) return;
    const timer = setTimeout(() => latest.current({ is: "ended", id }), ms);
    return () => clearTimeout(timer);
  }, [show]);
}
