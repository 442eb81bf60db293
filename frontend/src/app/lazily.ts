import { type ComponentType, lazy } from "react";

const loaders: (() => Promise<unknown>)[] = [];

/**
 * A screen whose code comes when it is first needed, or, once the first screen stands and the
 * browser has nothing better to do, before that.
 */
export function lazily<Props>(load: () => Promise<ComponentType<Props>>) {
  const once = () => load().then((component) => ({ default: component }));
  loaders.push(once);
  return lazy(once);
}

export function fetchTheRest(): void {
  const idle = window.requestIdleCallback ?? ((run: () => void) => setTimeout(run, 2_000));
  idle(() => {
    for (const load of loaders) load().catch(() => {});
  });
}

// A deploy took the old files away while this page stood open: the new page has the new names.
window.addEventListener("vite:preloadError", () => location.reload());
