import { type PointerEvent, useRef } from "react";

interface Moves {
  /** Left third, or the rest. */
  onTap: (side: "back" | "forward") => void;
  onHold: (held: boolean) => void;
  /** How far the finger is from where it began; null when it let go without effect. */
  onDrag: (move: { x: number; y: number } | null) => void;
  onSwipe: (way: "left" | "right" | "up" | "down") => void;
}

interface Press {
  x: number;
  y: number;
  at: number;
  axis: "x" | "y" | null;
  timer: ReturnType<typeof setTimeout>;
  held: boolean;
}

const HOLD_MS = 200;
const STILL_PX = 9;
const AWAY_PX = 90;
const FLICK_PX_MS = 0.5;
const BACK_SHARE = 1 / 3;

/** What can be used by itself keeps its taps. */
function isUsed(target: EventTarget): boolean {
  return (
    (target as HTMLElement).closest("a, button, input, textarea, label, [data-own-taps]") !== null
  );
}

/** Taps, holds and swipes of one finger or a mouse on the stage. */
export function useGestures(moves: Moves) {
  const press = useRef<Press | null>(null);

  function end(): Press | null {
    const ended = press.current;
    press.current = null;
    if (!ended) return null;
    clearTimeout(ended.timer);
    moves.onHold(false);
    return ended;
  }

  return {
    onPointerDown: (event: PointerEvent<HTMLElement>) => {
      if (!event.isPrimary || event.button !== 0 || isUsed(event.target)) return;
      const { clientX: x, clientY: y, timeStamp: at } = event;
      const timer = setTimeout(() => {
        if (!press.current) return;
        press.current.held = true;
        moves.onHold(true);
      }, HOLD_MS);
      press.current = { x, y, at, axis: null, timer, held: false };
    },
    onPointerMove: (event: PointerEvent<HTMLElement>) => {
      const now = press.current;
      if (!now || !event.isPrimary) return;
      const x = event.clientX - now.x;
      const y = event.clientY - now.y;
      if (!now.axis) {
        if (Math.hypot(x, y) < STILL_PX) return;
        now.axis = Math.abs(x) > Math.abs(y) ? "x" : "y";
        event.currentTarget.setPointerCapture(event.pointerId);
        clearTimeout(now.timer);
        moves.onHold(true);
      }
      moves.onDrag(now.axis === "x" ? { x, y: 0 } : { x: 0, y });
    },
    onPointerUp: (event: PointerEvent<HTMLElement>) => {
      const ended = end();
      if (!ended) return;
      const ms = Math.max(1, event.timeStamp - ended.at);
      if (!ended.axis) {
        if (ended.held) return;
        const box = event.currentTarget.getBoundingClientRect();
        const share = (event.clientX - box.left) / box.width;
        moves.onTap(share < BACK_SHARE ? "back" : "forward");
        return;
      }
      const px = ended.axis === "x" ? event.clientX - ended.x : event.clientY - ended.y;
      moves.onDrag(null);
      const far = Math.abs(px) > AWAY_PX || (Math.abs(px) > 24 && Math.abs(px) / ms > FLICK_PX_MS);
      if (!far) return;
      if (ended.axis === "x") moves.onSwipe(px < 0 ? "left" : "right");
      else moves.onSwipe(px < 0 ? "up" : "down");
    },
    onPointerCancel: () => {
      if (end()) moves.onDrag(null);
    },
    // A held finger is for pausing, not for the browser's menu.
    onContextMenu: (event: React.MouseEvent) => {
      if (press.current?.held) event.preventDefault();
    },
  };
}
