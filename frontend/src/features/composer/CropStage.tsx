import {
  type KeyboardEvent,
  type PointerEvent,
  useLayoutEffect,
  useRef,
  type WheelEvent,
} from "react";
import { m } from "@/app/messages";
import { type Crop, moved, ratioOf } from "@/parts/picture/crop";
import { draw } from "@/parts/picture/picture";
import style from "./Composer.module.css";
import type { Item } from "./desk";

interface CropStageProps {
  item: Item;
  onCrop: (change: Partial<Crop>) => void;
  /** When people are being tagged a tap marks a place instead of moving the photo. */
  onPlace: ((x: number, y: number) => void) | null;
}

const PIXELS_MAX = 1_400;
const KEY_STEP = 0.04;
const WHEEL_STEP = 0.0015;

/** The photo in its frame: drag, pinch, wheel or arrow keys move it, never out of its edges. */
export function CropStage({ item, onCrop, onPlace }: CropStageProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const fingers = useRef(new Map<number, { x: number; y: number }>());
  const { decoded, crop } = item;

  useLayoutEffect(() => {
    const element = canvas.current;
    if (!element || !decoded) return;
    const ratio = ratioOf(crop, decoded.natural);
    const scale = Math.min(2, window.devicePixelRatio);
    const width = Math.round(Math.min(PIXELS_MAX, element.clientWidth * scale));
    if (element.width !== width) element.width = width;
    const height = Math.round(width / ratio);
    if (element.height !== height) element.height = height;
    draw(element, decoded.look, crop);
  }, [decoded, crop]);

  if (!decoded) {
    return (
      <div className={style.noPreview}>
        {item.preview ? (
          <img src={item.preview} alt={item.file.name} />
        ) : (
          <p>{item.stage === "failed" ? m.composer.unreadable : m.composer.noPreview}</p>
        )}
      </div>
    );
  }
  const { natural } = decoded;
  const ratio = ratioOf(crop, natural);

  function onPointerDown(event: PointerEvent<HTMLCanvasElement>) {
    event.currentTarget.setPointerCapture(event.pointerId);
    fingers.current.set(event.pointerId, { x: event.clientX, y: event.clientY });
  }

  function onPointerMove(event: PointerEvent<HTMLCanvasElement>) {
    const before = fingers.current.get(event.pointerId);
    if (!before || onPlace) return;
    const now = { x: event.clientX, y: event.clientY };
    const other = [...fingers.current].find(([id]) => id !== event.pointerId)?.[1];
    fingers.current.set(event.pointerId, now);
    if (other) {
      const grown = distance(now, other) / Math.max(1, distance(before, other));
      onCrop({ zoom: crop.zoom * grown });
      return;
    }
    const { width, height } = event.currentTarget.getBoundingClientRect();
    onCrop(moved(crop, natural, (before.x - now.x) / width, (before.y - now.y) / height));
  }

  function onPointerUp(event: PointerEvent<HTMLCanvasElement>) {
    fingers.current.delete(event.pointerId);
    if (!onPlace) return;
    const box = event.currentTarget.getBoundingClientRect();
    onPlace((event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
  }

  function onKeyDown(event: KeyboardEvent) {
    const steps: Record<string, [number, number]> = {
      ArrowLeft: [-KEY_STEP, 0],
      ArrowRight: [KEY_STEP, 0],
      ArrowUp: [0, -KEY_STEP],
      ArrowDown: [0, KEY_STEP],
    };
    const step = steps[event.key];
    if (step) onCrop(moved(crop, natural, ...step));
    else if (event.key === "+" || event.key === "=") onCrop({ zoom: crop.zoom * 1.1 });
    else if (event.key === "-") onCrop({ zoom: crop.zoom / 1.1 });
    else return;
    event.preventDefault();
  }

  return (
    <canvas
      ref={canvas}
      className={style.canvas}
      style={{ aspectRatio: ratio, cursor: onPlace ? "crosshair" : "grab" }}
      role="img"
      tabIndex={0}
      aria-label={m.composer.stage}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={onPointerUp}
      onPointerCancel={(event) => fingers.current.delete(event.pointerId)}
      onKeyDown={onKeyDown}
      onWheel={(event: WheelEvent) => onCrop({ zoom: crop.zoom * (1 - event.deltaY * WHEEL_STEP) })}
    />
  );
}

function distance(a: { x: number; y: number }, b: { x: number; y: number }): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}
