import type { ReactNode } from "react";
import { classes } from "./classes";
import style from "./NameLine.module.css";

interface NameLineProps {
  name: string;
  hint: string;
  /** Stands before them in a round field; green for close friends. */
  icon?: ReactNode;
  close?: boolean;
}

/** A name and, under it, what there is to know of it: one line each. */
export function NameLine({ name, hint, icon, close }: NameLineProps) {
  return (
    <>
      {icon && <span className={classes(style.icon, close && style.close)}>{icon}</span>}
      <span className={style.words}>
        <strong dir="auto">{name}</strong>
        <span>{hint}</span>
      </span>
    </>
  );
}
