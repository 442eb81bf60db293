import { type Problem, problemOf } from "@/api/errors";
import { randomKey } from "@/api/key";
import * as api from "@/api/operations";
import { m } from "@/app/messages";
import { deliver } from "@/stores/acts/outbox";
import { say } from "@/stores/acts/tell";
import { holdDraft, releaseDraft } from "@/stores/drafts";
import type { Preview } from "@/stores/state";
import { dispatch, getState } from "@/stores/store";
import { type Desk, shownRatio } from "./desk";

const SHAPE_PX = 1_000;

function previewsOf(desk: Desk): Preview[] {
  return desk.get().items.map((item) => ({
    url: item.preview,
    width: SHAPE_PX,
    height: SHAPE_PX / shownRatio(item),
  }));
}

/**
 * Takes the post off the desk and sees it through: it stands in the feed at once, the bytes follow,
 * and when they are there it becomes real. What fails says why and can be tried again.
 */
export function share(desk: Desk): void {
  const { session } = getState();
  if (session.is !== "in") return;
  const id = randomKey();
  // One key for all attempts: the answer that was lost may have been a yes.
  const key = randomKey();
  const { caption, place, audience } = desk.get();
  let creating = false;

  const draft = () => {
    const { items } = desk.get();
    const sum = items.reduce((total, item) => total + item.percent, 0);
    return { percent: sum / Math.max(1, items.length), media: previewsOf(desk) };
  };
  const fail = (problem: Problem) =>
    dispatch({ do: "draft.patch", id, patch: { stage: "failed", problem } });

  const step = () => {
    const { items } = desk.get();
    const failed = items.find((item) => item.stage === "failed");
    dispatch({ do: "draft.patch", id, patch: draft() });
    if (failed?.problem) fail(failed.problem);
    else if (!creating && items.every((item) => item.stage === "done")) void create();
  };

  const create = async () => {
    creating = true;
    dispatch({ do: "draft.patch", id, patch: { stage: "creating", problem: null } });
    try {
      const post = await deliver(() =>
        api.posts.create(
          {
            caption: caption.trim(),
            media: desk.get().items.map((item) => ({
              type: item.kind,
              url: item.mediaKey ?? "",
              ...(item.alt.trim() && { alt_text: item.alt.trim() }),
              ...(item.tags.length > 0 && { tags: item.tags }),
            })),
            ...(place.trim() && { location: { name: place.trim() } }),
            audience,
          },
          key,
        ),
      );
      unwatch();
      desk.deafen();
      releaseDraft(id);
      dispatch({ do: "draft.real", id, post, previews: previewsOf(desk) });
      say(m.composer.posted);
    } catch (error) {
      creating = false;
      fail(problemOf(error));
    }
  };

  dispatch({
    do: "draft.put",
    draft: {
      id,
      user: session.me,
      caption,
      place: place.trim() || null,
      stage: "uploading",
      problem: null,
      ...draft(),
    },
  });
  const unwatch = desk.watch(step);
  holdDraft(id, {
    retry: () => {
      dispatch({ do: "draft.patch", id, patch: { stage: "uploading", problem: null } });
      desk.retryAll();
      step();
    },
    discard: () => {
      unwatch();
      releaseDraft(id);
      dispatch({ do: "draft.gone", id });
      desk.clear();
    },
  });
  desk.hurry();
  step();
}
