import { NetworkError } from "@/api/errors";
import { dispatch } from "@/stores/store";

interface Parcel {
  run: () => Promise<unknown>;
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
}

const PARCELS_MAX = 100;
const RETRY_MS = 6_000;
const waiting: Parcel[] = [];
let flushing = false;
let timer: ReturnType<typeof setTimeout> | undefined;

function announce(): void {
  dispatch({ do: "link.queued", queued: waiting.length });
  clearTimeout(timer);
  if (waiting.length > 0) timer = setTimeout(() => void flush(), RETRY_MS);
}

/**
 * Runs an act now; when nobody answers it waits, in order, for the connection. `run` must carry
 * the same idempotency key each time, since the broken attempt may have arrived.
 */
export async function deliver<T>(run: () => Promise<T>, onWait?: () => void): Promise<T> {
  if (waiting.length === 0) {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof NetworkError) || waiting.length >= PARCELS_MAX) throw error;
    }
  }
  if (waiting.length >= PARCELS_MAX) throw new NetworkError();
  onWait?.();
  return new Promise<T>((resolve, reject) => {
    waiting.push({ run, resolve: resolve as Parcel["resolve"], reject });
    announce();
  });
}

/** The connection is back: everything that waited goes out, oldest first. */
export async function flush(): Promise<void> {
  if (flushing) return;
  flushing = true;
  try {
    for (let parcel = waiting[0]; parcel; parcel = waiting[0]) {
      try {
        parcel.resolve(await parcel.run());
      } catch (error) {
        if (error instanceof NetworkError) break;
        parcel.reject(error);
      }
      waiting.shift();
    }
  } finally {
    flushing = false;
    announce();
  }
}

/** Somebody logged out: what waited was theirs. */
export function discard(): void {
  for (const parcel of waiting.splice(0)) parcel.reject(new NetworkError());
  announce();
}
