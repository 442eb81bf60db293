import { m } from "@/app/messages";
import style from "./Spinner.module.css";

export function Spinner({ size = 24 }: { size?: number }) {
  return (
    <svg
      className={style.spinner}
      width={size}
      height={size}
      viewBox="0 0 32 32"
      aria-hidden="true"
    >
      <path d="M27.39 14.40A11.5 11.5 0 1 1 18.78 4.84" />
    </svg>
  );
}

/** A spinner in the middle of what is being waited for. */
export function Waiting() {
  return (
    <div className={style.waiting} role="status" aria-label={m.common.loading}>
      <Spinner />
    </div>
  );
}

/** How far an upload is, as a ring that closes. */
export function ProgressRing({ percent, size = 36 }: { percent: number; size?: number }) {
  return (
    <svg
      className={style.progress}
      width={size}
      height={size}
      viewBox="0 0 36 36"
      aria-hidden="true"
    >
      <circle className={style.track} cx="18" cy="18" r="15" />
      <circle
        className={style.done}
        cx="18"
        cy="18"
        r="15"
        pathLength="100"
        style={{ strokeDashoffset: 100 - Math.min(100, Math.max(2, percent)) }}
      />
    </svg>
  );
}
