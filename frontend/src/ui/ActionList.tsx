import type { ReactNode } from "react";
import style from "./ActionList.module.css";
import { classes } from "./classes";
import { Sheet } from "./Sheet";

export interface Choice {
  label: string;
  icon?: ReactNode;
  danger?: boolean;
  run: () => void;
}

export function ActionRow({ label, icon, danger, run }: Choice) {
  return (
    <li>
      <button type="button" className={classes(style.row, danger && style.danger)} onClick={run}>
        <span className={style.icon}>{icon}</span>
        {label}
      </button>
    </li>
  );
}

export function ActionRows({ children }: { children: ReactNode }) {
  return <ul className={style.list}>{children}</ul>;
}

/** What can be done with a thing: a sheet of large rows, on a phone within the thumb's reach. */
export function ActionList(props: { title: string; choices: Choice[]; onClose: () => void }) {
  return (
    <Sheet title={props.title} shape="menu" bare onClose={props.onClose}>
      <ActionRows>
        {props.choices.map((choice) => (
          <ActionRow
            key={choice.label}
            {...choice}
            run={() => {
              props.onClose();
              choice.run();
            }}
          />
        ))}
      </ActionRows>
    </Sheet>
  );
}
