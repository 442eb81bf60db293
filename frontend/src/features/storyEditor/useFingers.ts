import { type PointerEvent, useRef } from "react";
import { type Frame, moved, type Place, type Point, pinched } from "./place";

interface Hands<T extends Place> {
  /** What is held when a finger comes down, and the frame it lies in. */
  of: () => { place: T; frame: Frame } | null;
  onBegin?: () => void;
  onMove: (place: T, finger: Point) => void;
  onEnd?: (finger: Point, dragged: boolean) => void;
}

const STILL_PX = 4;

/**
 * One finger drags, two pinch and turn. What moves is always reckoned from where the fingers came
 * down, so that nothing drifts.
 */
export function useFingers<T extends Place>({ of, onBegin, onMove, onEnd }: Hands<T>) {
  const fingers = useRef(new Map<number, { from: Point; to: Point }>());
  const start = useRef<{ place: T; frame: Frame } | null>(null);
  const last = useRef<T | null>(null);
  const dragged = useRef(false);

  /** A finger more or less: from here on they all begin anew. */
  function begin() {
    const held = of();
    start.current = held && { ...held, place: last.current ?? held.place };
    for (const finger of fingers.current.values()) finger.from = finger.to;
  }

  function onPointerDown(event: PointerEvent<HTMLElement>) {
    if (event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    const point = { x: event.clientX, y: event.clientY };
    if (fingers.current.size === 0) {
      last.current = null;
      dragged.current = false;
    }
    fingers.current.set(event.pointerId, { from: point, to: point });
    begin();
  }

  function onPointerMove(event: PointerEvent<HTMLElement>) {
    const finger = fingers.current.get(event.pointerId);
    const held = start.current;
    if (!finger || !held) return;
    finger.to = { x: event.clientX, y: event.clientY };
    const { place, frame } = held;
    const [one, two] = [...fingers.current.values()];
    if (!one) return;
    const gone = Math.hypot(one.to.x - one.from.x, one.to.y - one.from.y);
    if (!dragged.current) {
      if (!two && gone < STILL_PX) return;
      dragged.current = true;
      onBegin?.();
    }
    const now = two
      ? pinched(place, [one.from, two.from], [one.to, two.to], frame)
      : moved(place, (one.to.x - one.from.x) / frame.width, (one.to.y - one.from.y) / frame.height);
    last.current = now;
    onMove(now, finger.to);
  }

  function onPointerUp(event: PointerEvent<HTMLElement>) {
    if (!fingers.current.delete(event.pointerId)) return;
    if (fingers.current.size > 0) return begin();
    start.current = null;
    onEnd?.({ x: event.clientX, y: event.clientY }, dragged.current);
  }

  return { onPointerDown, onPointerMove, onPointerUp, onPointerCancel: onPointerUp };
}
