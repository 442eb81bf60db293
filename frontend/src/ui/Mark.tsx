import { useId } from "react";
import { m } from "@/app/messages";
import { classes } from "./classes";
import style from "./Mark.module.css";

const RING = "M27.39 14.40A11.5 11.5 0 1 1 18.78 4.84";

/** An open ring with a dot at its end: a lens, a live signal. */
interface MarkProps {
  size?: number;
  drawing?: boolean;
  /** For large sizes, where the full stroke would shout. */
  thin?: boolean;
}

export function Mark({ size = 28, drawing = false, thin = false }: MarkProps) {
  const gradient = useId();
  return (
    <svg
      className={classes(style.mark, drawing && style.drawing, thin && style.thin)}
      width={size}
      height={size}
      viewBox="0 0 32 32"
      aria-hidden="true"
    >
      <defs>
        <linearGradient id={gradient} gradientUnits="userSpaceOnUse" x1="4" y1="28" x2="28" y2="4">
          <stop className={style.a} />
          <stop className={style.b} offset="0.5" />
          <stop className={style.c} offset="1" />
        </linearGradient>
      </defs>
      <path className={style.ring} d={RING} stroke={`url(#${gradient})`} pathLength="1" />
      <circle
        className={style.dot}
        cx="24.55"
        cy="8.3"
        r={thin ? 1.7 : 2.5}
        fill={`url(#${gradient})`}
      />
    </svg>
  );
}

export function Wordmark({ size = 28 }: { size?: number }) {
  return (
    <span className={style.wordmark}>
      <Mark size={size} />
      <span>{m.app.name}</span>
    </span>
  );
}
