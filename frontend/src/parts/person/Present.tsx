import type { ReactNode } from "react";
import { m } from "@/app/messages";
import type { Presence } from "@/app/types";
import { TimeAgo } from "@/ui/TimeAgo";
import style from "./Present.module.css";

interface PresentProps {
  is: Presence | null;
  size: "small" | "normal" | "huge";
  children: ReactNode;
}

/** A face, with a dot while the person is active. The words stand beside it. */
export function Present({ is, size, children }: PresentProps) {
  return (
    <span className={style.face} data-size={size} data-online={is?.online || undefined}>
      {children}
      {is?.online && <span className={style.dot} aria-hidden="true" />}
    </span>
  );
}

const TOLD_MS = 86_400_000;

/** "Active now", "Active 5m ago"; nothing that is longer ago than a day. */
export function activeLine(is: Presence | null): ReactNode {
  if (is?.online) return m.presence.now;
  const at = is?.last_active_at;
  if (!at || Date.now() - Date.parse(at) > TOLD_MS) return null;
  return (
    <>
      {m.presence.active} <TimeAgo iso={at} long />
    </>
  );
}
