import { NetworkError } from "@/api/errors";
import { dispatch } from "@/stores/store";

interface Parcel {
  run: () => Promise<unknown>;
  at: number;
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
}

interface Way {
  /** Called when it has to wait. */
  onWait?: () => void;
  /** When the person did it, in ms since 1970: what waits goes out in this order. */
  at?: number;
}

const PARCELS_MAX = 100;
const RETRY_MS = 6_000;
const waiting: Parcel[] = [];
let flushing = false;
let held = false;
let timer: ReturnType<typeof setTimeout> | undefined;

function announce(): void {
  dispatch({ do: "link.queued", queued: waiting.length });
  clearTimeout(timer);
  if (waiting.length > 0) timer = setTimeout(() => void flush(), RETRY_MS);
}

/** Behind what is older, and never before the one that is on its way. */
function enqueue(parcel: Parcel): void {
  let place = waiting.length;
  const first = flushing ? 1 : 0;
  while (place > first && (waiting[place - 1]?.at ?? 0) > parcel.at) place -= 1;
  waiting.splice(place, 0, parcel);
}

/**
 * Runs an act now; when nobody answers it waits, in order, for the connection. `run` must carry
 * the same idempotency key each time, since the broken attempt may have arrived.
 */
export async function deliver<T>(run: () => Promise<T>, way: Way = {}): Promise<T> {
  const { onWait, at = Date.now() } = way;
  if (waiting.length === 0 && !held) {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof NetworkError) || waiting.length >= PARCELS_MAX) throw error;
    }
  }
  if (waiting.length >= PARCELS_MAX) throw new NetworkError();
  onWait?.();
  return new Promise<T>((resolve, reject) => {
    enqueue({ run, at, resolve: resolve as Parcel["resolve"], reject });
    announce();
  });
}

/** The connection is back: everything that waited goes out, oldest first. */
export async function flush(): Promise<void> {
  if (flushing || held) return;
  flushing = true;
  try {
    for (let parcel = waiting[0]; parcel; parcel = waiting[0]) {
      try {
        parcel.resolve(await parcel.run());
      } catch (error) {
        // Thrown away meanwhile: its place is another's now.
        if (waiting[0] !== parcel) continue;
        if (error instanceof NetworkError) break;
        parcel.reject(error);
      }
      if (waiting[0] === parcel) waiting.shift();
    }
  } finally {
    flushing = false;
    announce();
  }
}

/** What `fill` does again, from before a reload, goes out in its order and not as it comes. */
export async function refill(fill: () => void): Promise<void> {
  held = true;
  try {
    fill();
    // Messages take turns of their own, a few ticks each, before they stand in line.
    await new Promise((resolve) => setTimeout(resolve));
  } finally {
    held = false;
  }
  await flush();
}

/** Somebody logged out: what waited was theirs. */
export function discard(): void {
  for (const parcel of waiting.splice(0)) parcel.reject(new NetworkError());
  announce();
}
