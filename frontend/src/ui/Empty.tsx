import type { ReactNode } from "react";
import { m } from "@/app/messages";
import { Button } from "./Button";
import style from "./Empty.module.css";

interface EmptyProps {
  icon?: ReactNode;
  title: string;
  hint?: string;
  /** It is all there is on the page, so its title is the page's. */
  page?: boolean;
  children?: ReactNode;
}

/** Nothing here, why, and what one can do about it. */
export function Empty({ icon, title, hint, page = false, children }: EmptyProps) {
  const Title = page ? "h1" : "h2";
  return (
    <div className={style.empty}>
      {icon && <div className={style.icon}>{icon}</div>}
      <Title className={style.title}>{title}</Title>
      {hint && <p className={style.hint}>{hint}</p>}
      {children && <div className={style.more}>{children}</div>}
    </div>
  );
}

interface FailureProps {
  text: string;
  requestId: string | null;
  onRetry?: () => void;
}

/** What happened, in the person's words; the request id is for whoever looks into it. */
export function Failure({ text, requestId, onRetry }: FailureProps) {
  return (
    <div className={style.empty} role="alert">
      <p className={style.hint}>{text}</p>
      {onRetry && <Button onClick={onRetry}>{m.common.retry}</Button>}
      <RequestId id={requestId} />
    </div>
  );
}

export function RequestId({ id }: { id: string | null }) {
  if (!id) return null;
  return (
    <details className={style.details}>
      <summary>{m.common.details}</summary>
      <code>{m.common.request(id)}</code>
    </details>
  );
}
