import { type KeyboardEvent, useLayoutEffect, useRef, type WheelEvent } from "react";
import { m } from "@/app/messages";
import { type Crop, moved, ZOOM_MAX } from "@/parts/picture/crop";
import { draw } from "@/parts/picture/picture";
import { fills } from "@/parts/story/look";
import { Photo } from "@/ui/Photo";
import style from "./Stage.module.css";
import type { Item, StoryDesk } from "./storyDesk";
import { useFingers } from "./useFingers";

interface MediumProps {
  desk: StoryDesk;
  item: Item;
  onTap: () => void;
}

/** The local picture or video under everything, framed as the viewer will frame it. */
export function Medium({ desk, item, onTap }: MediumProps) {
  const { picked, decoded, preview } = item;
  if (!picked || !preview) {
    return (
      <button type="button" className={style.blank} onClick={onTap}>
        {item.stage === "reading" ? "" : m.telling.noPreview}
      </button>
    );
  }
  if (picked.kind === "video") {
    return (
      <video
        className={style.video}
        src={preview}
        autoPlay
        loop
        muted
        playsInline
        onClick={onTap}
      />
    );
  }
  if (item.crop && decoded)
    return <Filled desk={desk} item={item} crop={item.crop} onTap={onTap} />;
  const shape = { width: decoded?.natural.width ?? null, height: decoded?.natural.height ?? null };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the tap only lets go of what is selected.
    // biome-ignore lint/a11y/useKeyWithClickEvents: as above.
    <div className={style.still} onClick={onTap}>
      <Photo
        url={preview}
        sources={[]}
        thumbhash={item.thumbhash}
        alt={item.alt}
        sizes="34rem"
        eager
        whole={!filling(shape)}
      />
    </div>
  );
}

/** The viewer fills its frame with such a picture by itself. */
export function filling(shape: { width: number | null; height: number | null }): boolean {
  return fills({ ...shape, url: null, sources: [], thumbhash: null, alt_text: "", type: "photo" });
}

const KEY_STEP = 0.04;
const WHEEL_STEP = 0.0015;
const PIXELS = 1_080;

interface Held {
  x: number;
  y: number;
  rotation: number;
  scale: number;
}

/** A photo that fills the frame: drag, pinch, wheel or keys choose the part. */
function Filled({ desk, item, crop, onTap }: MediumProps & { crop: Crop }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const begun = useRef(crop);
  const { decoded } = item;

  useLayoutEffect(() => {
    if (canvas.current && decoded) draw(canvas.current, decoded.look, crop);
  }, [decoded, crop]);

  const fingers = useFingers<Held>({
    of: () => {
      const box = canvas.current?.getBoundingClientRect();
      return box ? { place: { x: 0.5, y: 0.5, rotation: 0, scale: 1 }, frame: box } : null;
    },
    onBegin: () => {
      begun.current = crop;
      desk.remember(item.id);
    },
    onMove: (held) => {
      if (!decoded) return;
      const zoomed = { ...begun.current, zoom: begun.current.zoom * held.scale };
      const next = moved(zoomed, decoded.natural, 0.5 - held.x, 0.5 - held.y);
      desk.recut(item.id, next);
    },
    onEnd: (_finger, dragged) => {
      if (!dragged) onTap();
    },
  });

  function onKeyDown(event: KeyboardEvent) {
    const steps: Record<string, [number, number]> = {
      ArrowLeft: [-KEY_STEP, 0],
      ArrowRight: [KEY_STEP, 0],
      ArrowUp: [0, -KEY_STEP],
      ArrowDown: [0, KEY_STEP],
    };
    const step = steps[event.key];
    if (!decoded) return;
    if (step) desk.recut(item.id, moved(crop, decoded.natural, ...step));
    else if (event.key === "+" || event.key === "=") desk.recut(item.id, { zoom: crop.zoom * 1.1 });
    else if (event.key === "-") desk.recut(item.id, { zoom: crop.zoom / 1.1 });
    else return;
    event.preventDefault();
  }

  return (
    <canvas
      ref={canvas}
      className={style.canvas}
      width={PIXELS}
      height={(PIXELS * 16) / 9}
      role="img"
      tabIndex={0}
      aria-label={m.composer.stage}
      onKeyDown={onKeyDown}
      onWheel={(event: WheelEvent) =>
        desk.recut(item.id, {
          zoom: Math.min(ZOOM_MAX, crop.zoom * (1 - event.deltaY * WHEEL_STEP)),
        })
      }
      {...fingers}
    />
  );
}
