import { useSyncExternalStore } from "react";
import { ago, sentence } from "./time";

/** One clock for all times on the page, so that they turn together and cheaply. */
let minute = Math.floor(Date.now() / 60_000);
const watchers = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  timer ??= setInterval(() => {
    minute = Math.floor(Date.now() / 60_000);
    for (const one of watchers) one();
  }, 30_000);
  return () => {
    watchers.delete(watcher);
    if (watchers.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

export function TimeAgo({ iso, long = false }: { iso: string; long?: boolean }) {
  useSyncExternalStore(watch, () => minute);
  const date = new Date(iso);
  const now = Date.now();
  return (
    <time
      dateTime={iso}
      title={date.toLocaleString("en", { dateStyle: "full", timeStyle: "short" })}
    >
      {long ? sentence(date, now) : ago(date, now)}
    </time>
  );
}
