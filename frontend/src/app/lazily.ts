import { type ComponentType, lazy } from "react";

const loaders: (() => Promise<unknown>)[] = [];
const PAUSE_MS = 2_000;

/**
 * A screen whose code comes when it is first needed, or, once the first screen stands and the
 * browser has nothing better to do, before that.
 */
export function lazily<Props>(load: () => Promise<ComponentType<Props>>) {
  loaders.push(load);
  return lazy(() => needed(load).then((component) => ({ default: component })));
}

/** A failure here costs nothing: whoever needs the screen asks again. */
export function fetchTheRest(): void {
  const idle = window.requestIdleCallback ?? ((run: () => void) => setTimeout(run, 2_000));
  idle(() => {
    for (const load of loaders) load().catch(() => {});
  });
}

const KEY = "glimpse.reloaded";
/** Of two reloads within this time the second would not help either. */
const RELOAD_PAUSE_MS = 60_000;

/** Whether a reload may be tried; without storage there is none, rather than one after the other. */
function mayReload(): boolean {
  try {
    const last = Number(sessionStorage.getItem(KEY) ?? 0);
    if (Math.abs(Date.now() - last) < RELOAD_PAUSE_MS) return false;
    sessionStorage.setItem(KEY, String(Date.now()));
    return true;
  } catch {
    return false;
  }
}

/**
 * Waits for the connection to come back. When the server answers and the file still does not come,
 * a deploy took it away while this page stood open: the new page has the new names. When it does
 * not come after that either, the screen says so.
 */
async function needed<T>(load: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await load();
    } catch (error) {
      if (await answers()) {
        if (mayReload()) {
          location.reload();
          // Nothing is shown until the new page stands.
          await new Promise(() => {});
        }
        throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}

async function answers(): Promise<boolean> {
  try {
    return (await fetch("/", { method: "HEAD", cache: "no-store" })).ok;
  } catch {
    return false;
  }
}
