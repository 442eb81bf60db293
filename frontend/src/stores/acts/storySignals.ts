import { stories as api, type StorySignal } from "@/api/stories";

/** How one watched, for the authors' insights: gathered, and sent now and then in one request. */
const waiting = new Map<string, StorySignal>();
let timer: ReturnType<typeof setTimeout> | undefined;

const EVERY_MS = 8_000;
/** The server takes as many in a request. */
const AT_ONCE = 50;

export type Sign = "impressions" | "forward" | "back" | "exits";

export function noteSignal(storyId: string, sign: Sign): void {
  const before = waiting.get(storyId) ?? {
    story_id: storyId,
    impressions: 0,
    forward: 0,
    back: 0,
    exits: 0,
  };
  waiting.set(storyId, { ...before, [sign]: before[sign] + 1 });
  if (waiting.size >= AT_ONCE) sendSignals();
  else timer ??= setTimeout(sendSignals, EVERY_MS);
}

/** What gets lost on the way is not worth a second try: these are counts of taps. */
export function sendSignals(): void {
  clearTimeout(timer);
  timer = undefined;
  if (waiting.size === 0) return;
  const signals = [...waiting.values()].slice(0, AT_ONCE);
  waiting.clear();
  api.signals(signals).catch(() => {});
}
