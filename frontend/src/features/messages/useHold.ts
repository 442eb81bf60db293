import { type KeyboardEvent, type MouseEvent, type PointerEvent, useRef } from "react";

const HOLD_MS = 420;
const STILL_PX = 10;

/** A long press, a right click or Enter; and two taps in a row. */
export function useHold({ onHold, onTwice }: { onHold: () => void; onTwice: () => void }) {
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const from = useRef({ x: 0, y: 0 });
  const stop = () => clearTimeout(timer.current);
  return {
    onPointerDown(event: PointerEvent) {
      if (event.pointerType === "mouse") return;
      from.current = { x: event.clientX, y: event.clientY };
      stop();
      timer.current = setTimeout(onHold, HOLD_MS);
    },
    onPointerMove(event: PointerEvent) {
      const { x, y } = from.current;
      if (Math.hypot(event.clientX - x, event.clientY - y) > STILL_PX) stop();
    },
    onPointerUp: stop,
    onPointerCancel: stop,
    onContextMenu(event: MouseEvent) {
      event.preventDefault();
      stop();
      onHold();
    },
    onDoubleClick() {
      getSelection()?.removeAllRanges();
      onTwice();
    },
    onKeyDown(event: KeyboardEvent) {
      if (event.key !== "Enter" || event.target !== event.currentTarget) return;
      event.preventDefault();
      onHold();
    },
  };
}
