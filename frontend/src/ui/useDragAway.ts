import { type PointerEvent, type RefObject, useRef } from "react";

const AWAY_PX = 110;
const FLICK_PX_MS = 0.6;

/** A sheet follows the finger down and leaves when it is let go far or fast enough. */
export function useDragAway(panel: RefObject<HTMLElement | null>, leave: () => void) {
  const start = useRef<{ y: number; at: number } | null>(null);

  const move = (px: number | null) => {
    if (!panel.current) return;
    panel.current.style.transition = px === null ? "" : "none";
    panel.current.style.transform = px === null ? "" : `translateY(${px}px)`;
  };

  return {
    onPointerDown: (event: PointerEvent<HTMLElement>) => {
      if (event.pointerType === "mouse" || (event.target as HTMLElement).closest("button")) return;
      event.currentTarget.setPointerCapture(event.pointerId);
      start.current = { y: event.clientY, at: event.timeStamp };
    },
    onPointerMove: (event: PointerEvent<HTMLElement>) => {
      if (start.current) move(Math.max(0, event.clientY - start.current.y));
    },
    onPointerUp: (event: PointerEvent<HTMLElement>) => {
      if (!start.current) return;
      const px = event.clientY - start.current.y;
      const speed = px / Math.max(1, event.timeStamp - start.current.at);
      start.current = null;
      if (px > AWAY_PX || (px > 20 && speed > FLICK_PX_MS)) leave();
      else move(null);
    },
    onPointerCancel: () => {
      start.current = null;
      move(null);
    },
  };
}
