import { useEffect, useRef } from "react";

type Keys = Record<string, (event: KeyboardEvent) => void>;

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

const SEQUENCE_MS = 900;

/** Single keys ("j") and pairs ("g h"); silent while one types or a sheet is open. */
export function useShortcuts(keys: Keys): void {
  const latest = useRef(keys);
  useEffect(() => {
    latest.current = keys;
  });
  useEffect(() => {
    let first = "";
    let firstAt = 0;
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (document.querySelector("dialog[open]")) return;
      const pair = event.timeStamp - firstAt < SEQUENCE_MS ? `${first} ${event.key}` : "";
      const run = latest.current[pair] ?? latest.current[event.key];
      first = event.key;
      firstAt = event.timeStamp;
      if (!run) return;
      event.preventDefault();
      run(event);
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
}
