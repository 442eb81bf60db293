import { CircleAlert, X } from "lucide-react";
import { useEffect, useRef } from "react";
import { m } from "@/app/messages";
import { RequestId } from "./Empty";
import style from "./Toasts.module.css";

interface ToastView {
  id: string;
  text: string;
  kind: "info" | "error";
  requestId: string | null;
  action?: { label: string; run: () => void };
}

const STAY_MS = 4_500;
const STAY_ERROR_MS = 9_000;

function Line({ toast, onGone }: { toast: ToastView; onGone: (id: string) => void }) {
  const gone = useRef(onGone);
  useEffect(() => {
    gone.current = onGone;
  });
  useEffect(() => {
    const ms = toast.kind === "error" ? STAY_ERROR_MS : STAY_MS;
    const timer = setTimeout(() => gone.current(toast.id), ms);
    return () => clearTimeout(timer);
  }, [toast.id, toast.kind]);
  return (
    <li className={style.toast}>
      {toast.kind === "error" && <CircleAlert size={20} className={style.alert} aria-hidden />}
      <div className={style.words}>
        <p>{toast.text}</p>
        <RequestId id={toast.requestId} />
      </div>
      {toast.action && (
        <button
          type="button"
          className={style.action}
          onClick={() => {
            onGone(toast.id);
            toast.action?.run();
          }}
        >
          {toast.action.label}
        </button>
      )}
      <button
        type="button"
        className={style.close}
        aria-label={m.common.close}
        onClick={() => onGone(toast.id)}
      >
        <X size={16} />
      </button>
    </li>
  );
}

/** In the top layer, so that a line is seen even while a sheet is open. */
export function Toasts(props: { toasts: ToastView[]; onGone: (id: string) => void }) {
  const region = useRef<HTMLDivElement>(null);
  const newest = props.toasts.at(-1)?.id;
  useEffect(() => {
    const element = region.current;
    if (!element?.isConnected || typeof element.showPopover !== "function") return;
    element.hidePopover();
    if (newest) element.showPopover();
  }, [newest]);
  return (
    <div ref={region} popover="manual" className={style.region}>
      <ul className={style.list} aria-live="polite">
        {props.toasts.map((toast) => (
          <Line key={toast.id} toast={toast} onGone={props.onGone} />
        ))}
      </ul>
    </div>
  );
}
