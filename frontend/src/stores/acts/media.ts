import { media as api } from "@/api/operations";

const LOOK_MS = 600;
const LOOK_MS_MAX = 5_000;
const LOOKS_MAX = 60;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Has the server try once more with the bytes it was given; resolves when that attempt is over, or
 * after minutes. Throws what the server refused it with.
 */
export async function workAgain(mediaId: string): Promise<"ready" | "failed"> {
  let { status } = await api.retry(mediaId);
  for (let look = 0; look < LOOKS_MAX; look += 1) {
    if (status === "ready" || status === "failed") return status;
    await pause(Math.min(LOOK_MS_MAX, LOOK_MS * 1.2 ** look));
    // A look that fails is only one less.
    status = await api.get(mediaId).then(
      (found) => found.status,
      () => status,
    );
  }
  return "failed";
}

/** What shows a medium learns of it a moment after the medium does. */
export async function until(is: () => boolean, ask: () => Promise<unknown>): Promise<void> {
  for (let look = 0; look < 8 && !is(); look += 1) {
    await ask();
    if (!is()) await pause(LOOK_MS);
  }
}
