import { useEffect, useRef } from "react";
import style from "./Bars.module.css";
import { progress, type Show } from "./show";

interface BarsProps {
  show: Show;
  count: number;
  item: number;
}

/** One bar a story. The running one is drawn each frame, without a word to React. */
export function Bars({ show, count, item }: BarsProps) {
  const bar = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    let frame = 0;
    const draw = () => {
      if (bar.current) {
        bar.current.style.transform = `scaleX(${progress(show, performance.now())})`;
      }
      if (show.since !== null) frame = requestAnimationFrame(draw);
    };
    draw();
    return () => cancelAnimationFrame(frame);
  }, [show]);
  return (
    <div className={style.bars} aria-hidden="true" data-paused={show.since === null || undefined}>
      {Array.from({ length: count }, (_, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a bar is its place.
        <span key={place} className={style.bar}>
          <span
            ref={place === item ? bar : undefined}
            className={style.done}
            data-bar={place === item ? "current" : undefined}
            style={place === item ? undefined : { transform: `scaleX(${place < item ? 1 : 0})` }}
          />
        </span>
      ))}
    </div>
  );
}
