export type Road = "page" | "part" | "still" | "photo";

/** Served by others than the web app, whether a person goes there or a script asks. */
const FOREIGN = /^\/(api|docs|ws|media|healthz|readyz|metrics|oauth|\.well-known)(\/|$)/;
const STILL = /^\/[\w-]+\.(js|svg|png|webmanifest)$/;

type Asked = Pick<Request, "method" | "mode" | "destination">;

/** Which way a request takes through the worker; null: past it. */
export function road(asked: Asked, url: URL, origin: string): Road | null {
  if (asked.method !== "GET" || url.origin !== origin) return null;
  const { pathname } = url;
  // Not videos: they are asked for in ranges.
  if (pathname.startsWith("/media/")) return asked.destination === "image" ? "photo" : null;
  // Signed addresses of the object store.
  if (FOREIGN.test(pathname) || url.searchParams.has("X-Amz-Signature")) return null;
  if (asked.mode === "navigate") return "page";
  if (pathname.startsWith("/assets/")) return "part";
  return STILL.test(pathname) && pathname !== "/sw.js" ? "still" : null;
}
