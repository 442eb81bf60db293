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

/** What can be done with a thing: a sheet of large rows, on a phone within the thumb's reach. */
export function ActionList(props: { title: string; choices: Choice[]; onClose: () => void }) {
  return (
    <Sheet title={props.title} shape="menu" bare onClose={props.onClose}>
      <ul className={style.list}>
        {props.choices.map((choice) => (
          <li key={choice.label}>
            <button
              type="button"
              className={classes(style.row, choice.danger && style.danger)}
              onClick={() => {
                props.onClose();
                choice.run();
              }}
            >
              <span className={style.icon}>{choice.icon}</span>
              {choice.label}
            </button>
          </li>
        ))}
      </ul>
    </Sheet>
  );
}
