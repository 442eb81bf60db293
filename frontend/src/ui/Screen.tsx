import { type ReactNode, useEffect } from "react";
import { m } from "@/app/messages";
import { classes } from "./classes";
import style from "./Screen.module.css";

interface ScreenProps {
  title: string;
  wide?: boolean;
  children: ReactNode;
}

/** A column of reading and choosing, with its name on top and in the window's title. */
export function Screen({ title, wide, children }: ScreenProps) {
  useEffect(() => {
    document.title = `${title} · ${m.app.name}`;
    window.scrollTo(0, 0);
  }, [title]);
  return (
    <div className={classes(style.screen, wide && style.wide)}>
      <h1 className={style.title}>{title}</h1>
      {children}
    </div>
  );
}
