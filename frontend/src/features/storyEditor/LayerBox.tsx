import { Maximize2 } from "lucide-react";
import { type KeyboardEvent, type PointerEvent, type RefObject, useRef } from "react";
import { m } from "@/app/messages";
import { OverlayShape } from "@/parts/story/OverlayShape";
import { Placed } from "@/parts/story/Placed";
import { StickerShape } from "@/parts/story/StickerShape";
import { classes } from "@/ui/classes";
import { nameOf } from "./names";
import { type Frame, keyed, levered, overBin, type Point, snapped } from "./place";
import style from "./Stage.module.css";
import { isSticker, type Layer, overlayShown, stickerShown, type Thing } from "./scene";
import { useFingers } from "./useFingers";

interface LayerBoxProps {
  layer: Layer;
  frame: RefObject<HTMLElement | null>;
  selected: boolean;
  /** It is being dragged over the bin. */
  leaving: boolean;
  onSelect: () => void;
  /** A gesture or a key begins to change it. */
  onBegin: () => void;
  onChange: (thing: Thing) => void;
  onDrag: (state: "away" | "bin" | null) => void;
  onRemove: () => void;
  onEdit: () => void;
}

function frameOf(element: HTMLElement | null): (Frame & { left: number; top: number }) | null {
  if (!element) return null;
  const { width, height, left, top } = element.getBoundingClientRect();
  return { width, height, left, top };
}

/** One thing on the picture: fingers, the mouse and keys move, turn and scale it. */
export function LayerBox(props: LayerBoxProps) {
  const { layer, frame, selected, leaving, onSelect, onBegin, onChange } = props;
  const { onDrag, onRemove, onEdit } = props;
  const { thing } = layer;
  const wasSelected = useRef(false);

  const inFrame = (point: Point): { share: Point; frame: Frame } | null => {
    const box = frameOf(frame.current);
    if (!box) return null;
    const share = { x: (point.x - box.left) / box.width, y: (point.y - box.top) / box.height };
    return { share, frame: box };
  };
  const isOverBin = (point: Point) => {
    const at = inFrame(point);
    return at !== null && overBin(at.share, at.frame);
  };

  const fingers = useFingers<Thing>({
    of: () => {
      const box = frameOf(frame.current);
      return box && { place: thing, frame: box };
    },
    onBegin,
    onMove: (next, finger) => {
      onChange(snapped(next));
      onDrag(isOverBin(finger) ? "bin" : "away");
    },
    onEnd: (finger, dragged) => {
      onDrag(null);
      if (dragged && isOverBin(finger)) onRemove();
      else if (!dragged && wasSelected.current) onEdit();
    },
  });

  function onKeyDown(event: KeyboardEvent) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const next = keyed(thing, event.key, event.shiftKey);
    if (next) {
      onBegin();
      onChange(next);
    } else if (event.key === "Delete" || event.key === "Backspace") {
      onBegin();
      onRemove();
    } else if (event.key === "Enter" || event.key === " ") onEdit();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  return (
    <Placed at={thing}>
      {/* biome-ignore lint/a11y/useSemanticElements: a button may not hold the boxes and fields of a sticker. */}
      <div
        role="button"
        tabIndex={0}
        className={classes(style.layer, selected && style.selected, leaving && style.leaving)}
        aria-label={nameOf(thing)}
        aria-pressed={selected}
        aria-description={m.telling.layer.keys}
        data-layer={thing.kind}
        onFocus={onSelect}
        onKeyDown={onKeyDown}
        {...fingers}
        onPointerDown={(event) => {
          wasSelected.current = selected;
          onSelect();
          fingers.onPointerDown(event);
        }}
      >
        <div className={style.shape} inert>
          {isSticker(thing) ? (
            <StickerShape sticker={stickerShown(layer.id, thing)} mode="edit" />
          ) : (
            <OverlayShape overlay={overlayShown(thing)} mode="edit" />
          )}
        </div>
      </div>
      {selected && !leaving && (
        <Handle thing={thing} frame={frame} onBegin={onBegin} onChange={onChange} />
      )}
    </Placed>
  );
}

interface HandleProps extends Pick<LayerBoxProps, "frame" | "onBegin" | "onChange"> {
  thing: Thing;
}

/** For a mouse, which has no second finger: pulls the thing larger and round its middle. */
function Handle({ thing, frame, onBegin, onChange }: HandleProps) {
  const held = useRef<{ thing: Thing; from: Point; centre: Point } | null>(null);
  function onPointerDown(event: PointerEvent<HTMLElement>) {
    const box = frameOf(frame.current);
    if (!box) return;
    event.preventDefault();
    event.stopPropagation();
    event.currentTarget.setPointerCapture(event.pointerId);
    onBegin();
    held.current = {
      thing,
      from: { x: event.clientX, y: event.clientY },
      centre: { x: box.left + thing.x * box.width, y: box.top + thing.y * box.height },
    };
  }
  return (
    <span
      className={style.handle}
      style={{ "--scale": thing.scale } as React.CSSProperties}
      title={m.telling.layer.handle}
      aria-hidden="true"
      onPointerDown={onPointerDown}
      onPointerMove={(event) => {
        const hold = held.current;
        if (!hold) return;
        const to = { x: event.clientX, y: event.clientY };
        onChange(snapped(levered(hold.thing, hold.centre, hold.from, to)));
      }}
      onPointerUp={() => {
        held.current = null;
      }}
      onPointerCancel={() => {
        held.current = null;
      }}
    >
      <Maximize2 aria-hidden />
    </span>
  );
}
