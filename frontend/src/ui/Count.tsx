import { useState } from "react";
import { compact } from "@/app/messages";
import style from "./Count.module.css";
import { classes } from "./classes";

/** A number that rolls over when it changes while one looks. */
export function Count({ value }: { value: number }) {
  const [shown, setShown] = useState<{ value: number; way: "up" | "down" | null }>({
    value,
    way: null,
  });
  if (shown.value !== value) setShown({ value, way: value > shown.value ? "up" : "down" });
  return (
    <span className={classes(style.count, "digits")}>
      <span key={shown.value} className={shown.way ? style[shown.way] : undefined}>
        {compact(shown.value)}
      </span>
    </span>
  );
}
