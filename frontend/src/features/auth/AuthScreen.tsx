import type { ReactNode } from "react";
import { m } from "@/app/messages";
import { Mark, Wordmark } from "@/ui/Mark";
import style from "./Auth.module.css";

interface AuthScreenProps {
  title: string;
  hint: string;
  children: ReactNode;
  foot: ReactNode;
}

/** The door: the mark on one side, the one thing to do on the other. */
export function AuthScreen({ title, hint, children, foot }: AuthScreenProps) {
  return (
    <div className={style.screen}>
      <aside className={style.stage} aria-hidden="true">
        <div className={style.orbit}>
          <Mark size={440} drawing thin />
        </div>
        <p className={style.tagline}>{m.app.tagline}</p>
      </aside>
      <main className={style.main} id="main">
        <div className={style.sheet}>
          <Wordmark size={34} />
          <div className={style.words}>
            <h1 className={style.title}>{title}</h1>
            <p className={style.hint}>{hint}</p>
          </div>
          {children}
          <p className={style.foot}>{foot}</p>
        </div>
      </main>
    </div>
  );
}
