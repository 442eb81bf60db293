/// <reference lib="webworker" />
declare const self: ServiceWorkerGlobalScope;

/** This build: written into the file by `scripts/shell.ts`. */
interface Shell {
  version: string;
  files: string[];
}
declare const __SHELL__: Shell;
const shell: Shell = __SHELL__;

const SHELL_PREFIX = "glimpse-shell-";
/** Kept by the app for whoever is logged in, and cleared by it (`app/keptFeed.ts`). */
const FEED_PREFIX = "glimpse-feed-";
const MINE = SHELL_PREFIX + shell.version;
/** Pages of the build before may still be open and need a part they have not loaded yet. */
const BUILDS_KEPT = 2;
const PATIENCE_MS = 4_000;

/** All of the build or nothing: a deploy in the middle makes this fail, and it is tried again. */
export async function keepShell(): Promise<void> {
  const cache = await caches.open(MINE);
  await cache.addAll(shell.files.map((path) => new Request(path, { cache: "no-cache" })));
}

export async function dropOldShells(): Promise<void> {
  const names = await caches.keys();
  const shells = names.filter((name) => name.startsWith(SHELL_PREFIX) && name !== MINE);
  for (const name of shells.slice(0, Math.max(0, shells.length - (BUILDS_KEPT - 1)))) {
    await caches.delete(name);
  }
}

/** Parts of a build are named by their contents, so a kept one is as good as a new one. */
export async function part(request: Request): Promise<Response> {
  const kept = await caches.match(request, { ignoreVary: true });
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok && answer.type === "basic") {
    const copy = answer.clone();
    // A full disk is no reason not to answer.
    void caches
      .open(MINE)
      .then((cache) => cache.put(request, copy))
      .catch(() => {});
  }
  return answer;
}

/**
 * The page itself: from the network while that answers, so that a deploy is seen at once. The kept
 * one is whole, with all its parts, and is used when nobody answers or the wait grows long.
 */
export async function page(request: Request): Promise<Response> {
  const kept = async () => (await caches.open(MINE)).match("/");
  const answer = fetch(request);
  const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), PATIENCE_MS));
  try {
    const first = await Promise.race([answer, late]);
    if (first && first.status < 500) return first;
    return (await kept()) ?? (await answer);
  } catch (error) {
    const shown = await kept();
    if (shown) return shown;
    throw error;
  }
}

/** Names that stay the same over deploys: new while there is a network. */
export async function still(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await caches.match(request, { cacheName: MINE });
    if (kept) return kept;
    throw error;
  }
}

/**
 * Photos come over the network. Without one, those of the kept feed are shown: the very file, or
 * another size of the same photo, whose link may have run out meanwhile.
 */
export async function photo(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await keptPhoto(new URL(request.url));
    if (kept) return kept;
    throw error;
  }
}

async function keptPhoto(wanted: URL): Promise<Response | undefined> {
  const folder = (path: string) => path.slice(0, path.lastIndexOf("/"));
  for (const name of await caches.keys()) {
    if (!name.startsWith(FEED_PREFIX)) continue;
    const cache = await caches.open(name);
    const exact = await cache.match(wanted.href, { ignoreVary: true });
    if (exact) return exact;
    for (const request of await cache.keys()) {
      const url = new URL(request.url);
      if (folder(url.pathname) === folder(wanted.pathname)) return cache.match(request);
    }
  }
  return undefined;
}
