import { useId } from "react";
import { classes } from "@/ui/classes";
import style from "./Ring.module.css";

interface RingProps {
  /** Something in it is new: the gradient, drawing itself. Otherwise a grey hairline. */
  unseen: boolean;
}

/** Lies around what it stands in, outside of its box, so that nothing moves when it comes. */
export function Ring({ unseen }: RingProps) {
  const gradient = useId();
  return (
    <svg
      className={classes(style.ring, unseen && style.unseen)}
      viewBox="0 0 100 100"
      aria-hidden="true"
      data-ring={unseen ? "unseen" : "seen"}
    >
      <defs>
        <linearGradient id={gradient} x1="0" y1="1" x2="1" y2="0">
          <stop className={style.a} />
          <stop className={style.b} offset="0.5" />
          <stop className={style.c} offset="1" />
        </linearGradient>
      </defs>
      <circle
        key={unseen ? "unseen" : "seen"}
        cx="50"
        cy="50"
        r="50"
        pathLength="1"
        style={unseen ? { stroke: `url(#${gradient})` } : undefined}
      />
    </svg>
  );
}
