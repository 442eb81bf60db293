import { classes } from "./classes";
import style from "./Skeleton.module.css";

interface Shape {
  width?: string;
  height?: string;
  round?: boolean;
  className?: string;
}

/** Grey in the place of what is coming, in exactly its size. */
export function Skeleton({ width = "100%", height = "1em", round = false, className }: Shape) {
  return (
    <span
      className={classes(style.skeleton, round && style.round, className)}
      style={{ width, height }}
      aria-hidden="true"
    />
  );
}

export function PersonRowSkeleton() {
  return (
    <div className={style.row}>
      <Skeleton width="2.75rem" height="2.75rem" round />
      <div className={style.lines}>
        <Skeleton width="40%" height="0.75rem" />
        <Skeleton width="60%" height="0.625rem" />
      </div>
    </div>
  );
}
