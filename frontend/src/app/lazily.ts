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

/**
 * Waits for the connection to come back. When the server answers and the file still does not come,
 * a deploy took it away while this page stood open: the new page has the new names.
 */
async function needed<T>(load: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await load();
    } catch (error) {
      if (await answers()) {
        location.reload();
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
