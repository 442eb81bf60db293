import { type Problem, problemOf } from "@/api/errors";
import { randomKey } from "@/api/key";
import { telling } from "@/api/telling";
import { m } from "@/app/messages";
import type { Story } from "@/app/types";
import { deliver } from "@/stores/acts/outbox";
import { say } from "@/stores/acts/tell";
import { becomesReal } from "@/stores/acts/telling";
import { holdDraft, releaseDraft } from "@/stores/drafts";
import type { Telling } from "@/stores/state";
import { dispatch, getState } from "@/stores/store";
import { overlaysOf, requestOf } from "./scene";
import type { Item, StoryDesk } from "./storyDesk";

interface Part {
  itemId: string;
  /** One key for all attempts: the answer that was lost may have been a yes. */
  key: string;
  told: boolean;
}

/**
 * Takes the story off the desk and sees it through: it stands in one's tray at once, the bytes
 * follow, and part after part becomes real, in order. What fails says why and can be tried again.
 */
export function share(desk: StoryDesk, again: Story | null): void {
  const { session } = getState();
  if (session.is !== "in") return;
  const id = randomKey();
  const { items, audience, allowReplies, allowRepost } = desk.get();
  const terms = { audience, allowReplies, allowRepost };
  const parts: Part[] = items.map((item) => ({ itemId: item.id, key: randomKey(), told: false }));
  const sequenceId = parts.length > 1 ? randomKey() : null;
  let busy = false;

  const patch = (change: Partial<Telling>) => dispatch({ do: "telling.patch", id, patch: change });
  const fail = (problem: Problem) => patch({ stage: "failed", problem });

  const tell = (item: Item, key: string): Promise<Story> =>
    deliver(() =>
      again
        ? telling.repost(again.story_id, { audience, overlays: overlaysOf(item.layers) }, key)
        : telling.create(
            requestOf(
              {
                ...item,
                mediaKey: item.mediaKey ?? "",
                kind: item.picked?.kind ?? "photo",
                durationS: item.picked?.durationS ?? null,
              },
              terms,
              sequenceId,
            ),
            key,
          ),
    );

  const step = async () => {
    const { items: now } = desk.get();
    const sum = now.reduce((total, item) => total + item.percent, 0);
    patch({ percent: again ? 100 : sum / Math.max(1, now.length) });
    if (busy) return;
    const next = parts.find((part) => !part.told);
    const item = next && desk.item(next.itemId);
    if (!next || !item) return;
    if (item.stage === "failed" && item.problem) return fail(item.problem);
    if (item.stage !== "done") return;
    busy = true;
    patch({ stage: "creating", problem: null });
    try {
      const story = await tell(item, next.key);
      next.told = true;
      desk.let(item.id);
      patch({ done: parts.filter((part) => part.told).length });
      const problem = await becomesReal(story);
      if (problem) {
        // The server could make nothing of the file: a new attempt is a new story.
        next.told = false;
        next.key = randomKey();
        desk.patch(item.id, { stage: "failed", problem, mediaKey: null });
        busy = false;
        return fail(problem);
      }
    } catch (error) {
      busy = false;
      return fail(problemOf(error));
    }
    busy = false;
    if (parts.every((part) => part.told)) finish();
    else {
      patch({ stage: "uploading" });
      void step();
    }
  };

  const end = () => {
    unwatch();
    releaseDraft(id);
    dispatch({ do: "telling.gone", id });
    desk.clear();
  };
  const finish = () => {
    end();
    say(m.telling.shared);
  };

  dispatch({
    do: "telling.put",
    telling: {
      id,
      preview: items.map(pictureOf).find((picture) => picture !== null) ?? null,
      count: parts.length,
      done: 0,
      percent: 0,
      stage: "uploading",
      problem: null,
    },
  });
  const unwatch = desk.watch(() => void step());
  holdDraft(id, {
    retry: () => {
      patch({ stage: "uploading", problem: null });
      desk.retryAll();
      void step();
    },
    discard: end,
  });
  desk.hurry();
  void step();
}

function pictureOf(item: Item): string | null {
  return item.picked?.kind === "video" ? item.still : item.preview;
}
