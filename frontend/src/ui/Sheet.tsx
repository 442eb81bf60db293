import { X } from "lucide-react";
import { type ReactNode, useEffect, useLayoutEffect, useRef } from "react";
import { m } from "@/app/messages";
import { IconButton } from "./Button";
import { classes } from "./classes";
import style from "./Sheet.module.css";
import { useBackCloses } from "./useBackCloses";
import { useDragAway } from "./useDragAway";

interface SheetProps {
  title: string;
  onClose: () => void;
  children: ReactNode;
  /** What stands opposite the close button, such as the one action of the sheet. */
  action?: ReactNode;
  footer?: ReactNode;
  /** `tall` fills the screen's height on a phone; `full` is a stage of its own. */
  shape?: "sheet" | "tall" | "full" | "menu";
  bare?: boolean;
}

/**
 * A native modal dialog: the browser keeps the focus inside, makes the page behind inert and
 * answers Escape. From below on a phone, in the middle elsewhere.
 */
export function Sheet(props: SheetProps) {
  const { title, onClose, children, action, footer, shape = "sheet", bare = false } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  const panel = useRef<HTMLDivElement>(null);
  const close = useRef(onClose);
  useEffect(() => {
    close.current = onClose;
  });

  useBackCloses(close);

  useLayoutEffect(() => {
    const element = dialog.current;
    const opener = document.activeElement;
    element?.showModal();
    // Not the close button: a ring around it is not what one opened the sheet for.
    if (element && !element.querySelector("[data-autofocus]")) panel.current?.focus();
    element?.querySelector<HTMLElement>("[data-autofocus]")?.focus();
    return () => {
      element?.close();
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
    };
  }, []);

  // The browser's own cancel can be forced through by a second Escape; state must follow it.
  useEffect(() => {
    const element = dialog.current;
    const onCancel = (event: Event) => {
      event.preventDefault();
      close.current();
    };
    element?.addEventListener("cancel", onCancel);
    return () => element?.removeEventListener("cancel", onCancel);
  }, []);

  const drag = useDragAway(panel, () => close.current());

  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape does for the keyboard what the backdrop does for a pointer.
    <dialog
      ref={dialog}
      className={classes(style.dialog, style[shape])}
      aria-label={title}
      onClick={(event) => event.target === event.currentTarget && onClose()}
    >
      <div ref={panel} className={style.panel} tabIndex={-1}>
        {shape !== "full" && <div className={style.grip} {...drag} />}
        {!bare && (
          <header className={style.header} {...drag}>
            <IconButton label={m.common.close} onClick={onClose}>
              <X size={22} />
            </IconButton>
            <h2 className={style.title}>{title}</h2>
            <div className={style.action}>{action}</div>
          </header>
        )}
        <div className={style.body}>{children}</div>
        {footer && <footer className={style.footer}>{footer}</footer>}
      </div>
    </dialog>
  );
}
