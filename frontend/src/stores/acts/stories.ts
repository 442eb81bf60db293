import { ApiError, type Problem, problemOf } from "@/api/errors";
import { randomKey } from "@/api/key";
import { stories as api } from "@/api/stories";
import { m } from "@/app/messages";
import type { Story } from "@/app/types";
import { connected } from "@/stores/gate";
import { dispatch, getState } from "@/stores/store";
import type { StoriesAct } from "@/stores/stories/state";
import { deliver } from "./outbox";
import { complain, say } from "./tell";
import { wish } from "./wish";

const act = (what: StoriesAct) => dispatch({ do: "stories", act: what });

const ATTEMPTS_MAX = 4;
let loading: Promise<void> | null = null;

/** The tray as the server has it. Told of something meanwhile, the answer may lack it: once more. */
export function loadTray(): Promise<void> {
  loading ??= fetchTray().finally(() => {
    loading = null;
  });
  return loading;
}

async function fetchTray(): Promise<void> {
  try {
    // The socket stands first, so that nothing falls between the snapshot and the first event.
    await connected;
    for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
      act({ is: "tray.loading" });
      const entries = await api.tray();
      if (getState().stories.stale && attempt < ATTEMPTS_MAX) continue;
      act({ is: "tray", entries });
      return;
    }
  } catch {
    act({ is: "tray.failed" });
  }
}

const HINT_SPREAD_MS = 2_000;
let hinted = false;

/** Very many are told of a very popular author's story at once: they don't all ask at once. */
export function trayHinted(): void {
  if (hinted || getState().stories.tray === "idle") return;
  hinted = true;
  setTimeout(() => {
    hinted = false;
    void loadTray();
  }, Math.random() * HINT_SPREAD_MS);
}

const FRESH_MS = 60_000;
const fetchedAt = new Map<string, number>();

/** Fetched so lately that another look would tell nothing that events don't. */
export function isFresh(username: string): boolean {
  return Date.now() - (fetchedAt.get(username) ?? 0) < FRESH_MS;
}

/** A person's stories in full; what could not be got is said. */
export async function loadStoriesOf(username: string): Promise<"ok" | "gone" | Problem> {
  try {
    act({ is: "of", of: await api.of(username) });
    fetchedAt.set(username, Date.now());
    return "ok";
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return "gone";
    return problemOf(error);
  }
}

/** One story anew: its signed links ran out, or it may be over. */
export async function refetchStory(story: Story): Promise<"ok" | "gone" | "failed"> {
  try {
    act({ is: "story", story: await api.get(story.story_id) });
    return "ok";
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 404) return "failed";
    act({ is: "gone", id: story.story_id, userId: story.user_id });
    return "gone";
  }
}

const told = new Set<string>();

/** It is on the screen. Told once, also when it has to wait for the connection. */
export async function sawStory(story: Story): Promise<void> {
  const { story_id: id, user_id: userId } = story;
  const { session } = getState();
  if (session.is !== "in" || session.me.user_id === userId) return;
  const mine = `${session.me.user_id}:${id}`;
  if (told.has(mine)) return;
  told.add(mine);
  act({ is: "seen", id, userId });
  if (story.is_viewed) return;
  try {
    await deliver(() => api.view(id));
  } catch (error) {
    told.delete(mine);
    if (error instanceof ApiError && error.status === 404) act({ is: "gone", id, userId });
  }
}

/** The emoji stands at once; a second one replaces the first. */
export async function setReaction(id: string, reaction: string | null): Promise<void> {
  const before = getState().stories.stories[id]?.reaction ?? null;
  if (before === reaction) return;
  act({ is: "react", id, reaction });
  try {
    await wish(`story-react:${id}:${reaction ?? before}`, reaction !== null, (want) =>
      deliver<unknown>(() => (want && reaction ? api.react(id, reaction) : api.unreact(id))),
    );
  } catch (error) {
    act({ is: "react", id, reaction: before });
    complain(error);
  }
}

/** What was chosen stands at once; what all have chosen comes with the answer. */
export async function answerSticker(
  id: string,
  stickerId: string,
  answer: number | string,
): Promise<void> {
  act({ is: "answer", id, stickerId, answer });
  try {
    const results = await api.answer(id, stickerId, answer);
    const story = getState().stories.stories[id];
    const kind = story?.stickers.find((one) => one.sticker_id === stickerId)?.kind;
    // What others wrote is the author's alone; which option is right comes with the story.
    if (kind !== "question") act({ is: "results", id, stickerId, results });
    if (kind === "quiz" && story) await refetchStory(story);
  } catch (error) {
    const story = getState().stories.stories[id];
    // Answered before on another device: the story knows what.
    if (error instanceof ApiError && error.status === 409 && story) {
      await refetchStory(story);
      return;
    }
    act({ is: "answer", id, stickerId, answer: null });
    complain(error);
  }
}

/** False when it was refused, so that the words can be kept. */
export async function replyToStory(id: string, text: string): Promise<boolean> {
  const key = randomKey();
  try {
    const message = await deliver(() => api.reply(id, text, key), {
      onWait: () => say(m.talk.status.waiting),
    });
    dispatch({ do: "talk", act: { is: "message", message } });
    return true;
  } catch (error) {
    complain(error);
    return false;
  }
}

export async function shareStory(id: string, to: string[], text: string): Promise<boolean> {
  try {
    const { messages } = await api.share(id, to, text, randomKey());
    for (const message of messages) dispatch({ do: "talk", act: { is: "message", message } });
    say(m.talk.shared(messages.length));
    return true;
  } catch (error) {
    complain(error);
    return false;
  }
}

export async function deleteStory(story: Story): Promise<void> {
  try {
    await api.delete(story.story_id);
    act({ is: "gone", id: story.story_id, userId: story.user_id });
    say(m.stories.deleted);
  } catch (error) {
    complain(error);
  }
}

/** Muted, unfollowed or blocked: the ring leaves the tray at once. */
export function hideTeller(username: string): void {
  for (const { user } of Object.values(getState().stories.people)) {
    if (user.username === username) act({ is: "hidden", userId: user.user_id });
  }
}
