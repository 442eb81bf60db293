import { Undo2 } from "lucide-react";
import { type PointerEvent, useRef, useState } from "react";
import { m } from "@/app/messages";
import type { NewOverlay } from "@/app/types";
import { COLOURS, inkOf } from "@/parts/story/look";
import { Button, IconButton } from "@/ui/Button";
import { classes } from "@/ui/classes";
import style from "./DrawPad.module.css";
import { Palette } from "./Palette";
import { drawn } from "./place";
import { STROKES_MAX } from "./scene";

export type Drawing = Extract<NewOverlay, { kind: "drawing" }>;
type Stroke = Drawing["strokes"][number];

const WIDTHS = [0.008, 0.018, 0.045] as const;

interface DrawPadProps {
  strokes: Stroke[];
  onDone: (strokes: Stroke[]) => void;
}

/** Over the stage: every finger draws, until it is done. */
export function DrawPad({ strokes: first, onDone }: DrawPadProps) {
  const [strokes, setStrokes] = useState(first);
  const [color, setColor] = useState<Stroke["color"]>("white");
  const [width, setWidth] = useState<number>(WIDTHS[1]);
  const pad = useRef<SVGSVGElement>(null);
  const drawing = useRef<number | null>(null);
  const full = strokes.length >= STROKES_MAX;

  function pointOf(event: PointerEvent) {
    const box = pad.current?.getBoundingClientRect();
    if (!box) return { x: 0, y: 0 };
    return {
      x: (event.clientX - box.left) / box.width,
      y: (event.clientY - box.top) / box.height,
    };
  }

  function onPointerDown(event: PointerEvent<SVGSVGElement>) {
    if (drawing.current !== null || full || event.button !== 0) return;
    drawing.current = event.pointerId;
    event.currentTarget.setPointerCapture(event.pointerId);
    const points = drawn([], pointOf(event));
    setStrokes((before) => [...before, { points, color, width }]);
  }

  function onPointerMove(event: PointerEvent<SVGSVGElement>) {
    if (drawing.current !== event.pointerId) return;
    const next = pointOf(event);
    setStrokes((before) => {
      const last = before.at(-1);
      if (!last) return before;
      const points = drawn(last.points as [number, number][], next);
      return points === last.points ? before : [...before.slice(0, -1), { ...last, points }];
    });
  }

  function onPointerUp(event: PointerEvent<SVGSVGElement>) {
    if (drawing.current === event.pointerId) drawing.current = null;
  }

  return (
    <>
      <svg
        ref={pad}
        className={style.pad}
        viewBox="0 0 9 16"
        preserveAspectRatio="none"
        role="img"
        aria-label={m.telling.draw.hint}
        data-drawpad=""
        onPointerDown={onPointerDown}
        onPointerMove={onPointerMove}
        onPointerUp={onPointerUp}
        onPointerCancel={onPointerUp}
      >
        {strokes.map((stroke, place) => (
          <polyline
            // biome-ignore lint/suspicious/noArrayIndexKey: strokes only come and go at the end.
            key={place}
            points={linesOf(stroke)}
            style={{ stroke: inkOf(stroke.color), strokeWidth: stroke.width * 9 }}
          />
        ))}
      </svg>
      <div className={style.bar}>
        {WIDTHS.map((one, place) => (
          <button
            key={one}
            type="button"
            className={classes(style.width, one === width && style.on)}
            aria-pressed={one === width}
            aria-label={`${m.telling.draw.width}: ${m.telling.draw.widths[place]}`}
            onClick={() => setWidth(one)}
          >
            <span style={{ width: `${6 + place * 6}px`, height: `${6 + place * 6}px` }} />
          </button>
        ))}
        <IconButton
          label={m.telling.draw.undo}
          over="media"
          disabled={strokes.length === 0}
          onClick={() => setStrokes(strokes.slice(0, -1))}
        >
          <Undo2 size={18} />
        </IconButton>
        <span className={style.gap} />
        <Button look="primary" data-autofocus onClick={() => onDone(strokes)}>
          {m.common.done}
        </Button>
      </div>
      <div className={style.colours}>
        {full && (
          <p className={style.full} role="status">
            {m.telling.draw.full}
          </p>
        )}
        <Palette value={color} colours={COLOURS} onChange={setColor} />
      </div>
    </>
  );
}

/** A dot is a line that goes nowhere; the browser needs two points to draw it. */
function linesOf({ points }: Stroke): string {
  const all = points.length === 1 ? [...points, ...points] : points;
  return all.map(([x = 0, y = 0]) => `${x * 9},${y * 16}`).join(" ");
}
