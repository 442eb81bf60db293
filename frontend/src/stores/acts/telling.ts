import { ApiError, type Problem } from "@/api/errors";
import { telling as api } from "@/api/telling";
import { m } from "@/app/messages";
import type { Story } from "@/app/types";

const LOOK_MS = 700;
const LOOK_MS_MAX = 5_000;
const LOOKS_MAX = 60;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Waits until a story that was just told is there for others. The problem when the server could
 * make nothing of its file; that story is taken back then, nobody has seen it.
 */
export async function becomesReal(story: Story): Promise<Problem | null> {
  let now: Story = story;
  for (let look = 0; look < LOOKS_MAX && now.status === "pending"; look += 1) {
    if (now.media.status === "failed") {
      await api.take(now.story_id).catch(() => {});
      return { text: now.media.reason?.message ?? m.errors.unexpected, requestId: null };
    }
    await pause(Math.min(LOOK_MS_MAX, LOOK_MS * 1.3 ** look));
    try {
      now = await api.shown(now.story_id);
    } catch (error) {
      // Deleted meanwhile, or over: nothing is left to wait for.
      if (error instanceof ApiError && error.status === 404) return null;
    }
  }
  return null;
}
