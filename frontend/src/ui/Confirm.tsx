import type { ReactNode } from "react";
import { m } from "@/app/messages";
import { Button } from "./Button";
import style from "./Confirm.module.css";
import { Sheet } from "./Sheet";

interface ConfirmProps {
  title: string;
  hint: string;
  yes: string;
  no?: string;
  picture?: ReactNode;
  onYes: () => void;
  onClose: () => void;
}

/** Asked before what can't be undone. */
export function Confirm(props: ConfirmProps) {
  return (
    <Sheet title={props.title} shape="menu" bare onClose={props.onClose}>
      <div className={style.ask}>
        {props.picture}
        <h2>{props.title}</h2>
        <p>{props.hint}</p>
        <div className={style.answers}>
          <Button
            look="danger"
            size="large"
            wide
            onClick={() => {
              props.onClose();
              props.onYes();
            }}
          >
            {props.yes}
          </Button>
          <Button look="text" size="large" wide data-autofocus onClick={props.onClose}>
            {props.no ?? m.common.cancel}
          </Button>
        </div>
      </div>
    </Sheet>
  );
}
