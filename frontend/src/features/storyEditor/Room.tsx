import { type ReactNode, useEffect, useLayoutEffect, useRef } from "react";
import { classes } from "@/ui/classes";
import style from "./Room.module.css";

interface RoomProps {
  title: string;
  onClose: () => void;
  className?: string;
  children: ReactNode;
}

/**
 * A modal dialog that is the whole window, dark in every theme: pictures are made in it. The focus
 * stays inside and goes back to where it was.
 */
export function Room({ title, onClose, className, children }: RoomProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const close = useRef(onClose);
  useEffect(() => {
    close.current = onClose;
  });
  useLayoutEffect(() => {
    const element = dialog.current;
    const opener = document.activeElement;
    element?.showModal();
    if (element && !element.contains(document.activeElement)) element.focus();
    element?.querySelector<HTMLElement>("[data-autofocus]")?.focus();
    const onCancel = (event: Event) => {
      if (event.target !== element) return;
      event.preventDefault();
      close.current();
    };
    element?.addEventListener("cancel", onCancel);
    return () => {
      element?.removeEventListener("cancel", onCancel);
      element?.close();
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
    };
  }, []);
  return (
    <dialog ref={dialog} className={classes(style.room, className)} aria-label={title}>
      {children}
    </dialog>
  );
}
