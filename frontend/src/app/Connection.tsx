import { useEffect, useState } from "react";
import { useStore } from "@/stores/store";
import { classes } from "@/ui/classes";
import style from "./Connection.module.css";
import { m } from "./messages";

const QUIET_MS = 1_200;
const BACK_MS = 2_000;

type Shown = "offline" | "reconnecting" | "stopped" | "back" | null;

/** A quiet line when the connection is away, with what waits for it. It leaves by itself. */
export function Connection() {
  const link = useStore((s) => s.link);
  const [shown, setShown] = useState<Shown>(null);
  const { is, stoodOnce, queued } = link;
  const away = is === "offline" || is === "stopped" || (is === "waiting" && stoodOnce);

  useEffect(() => {
    if (is === "online") {
      setShown((before) => (before && before !== "back" ? "back" : before));
      const timer = setTimeout(() => setShown(null), BACK_MS);
      return () => clearTimeout(timer);
    }
    if (!away) return;
    const next = is === "offline" ? "offline" : is === "stopped" ? "stopped" : "reconnecting";
    // A blink of the network is not worth a word.
    const timer = setTimeout(() => setShown(next), next === "reconnecting" ? QUIET_MS : 0);
    return () => clearTimeout(timer);
  }, [is, away]);

  if (!shown && queued === 0) return null;
  const state = shown ?? "reconnecting";
  const words = {
    offline: queued > 0 ? m.link.offline : `${m.link.offline}. ${m.link.offlineHint}`,
    reconnecting: m.link.reconnecting,
    stopped: m.link.stopped,
    back: m.link.back,
  }[state];
  return (
    <div className={classes(style.line, state === "back" && style.back)} role="status">
      <span className={style.dot} aria-hidden="true" />
      {words}
      {queued > 0 && <span className="digits">{m.link.queued(queued)}</span>}
    </div>
  );
}
