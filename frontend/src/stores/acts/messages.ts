import { ApiError } from "@/api/errors";
import { randomKey } from "@/api/key";
import * as api from "@/api/operations";
import { m } from "@/app/messages";
import { dispatch, getState } from "@/stores/store";
import type { TalkAct } from "@/stores/talk/state";
import { deliver } from "./outbox";
import { complain, say } from "./tell";
import { wish } from "./wish";

const act = (what: TalkAct) => dispatch({ do: "talk", act: what });

function myId(): string | null {
  const { session } = getState();
  return session.is === "in" ? session.me.user_id : null;
}

/** One's reaction, or none; the finger is answered at once. */
export async function react(id: string, emoji: string | null): Promise<void> {
  const userId = myId();
  const message = getState().talk.messages[id];
  if (!userId || !message) return;
  const before = message.reactions.find((one) => one.user_id === userId)?.emoji ?? null;
  if (before === emoji) return;
  act({ is: "react", id, userId, emoji });
  try {
    // Each wish names its emoji, so that the last one chosen is the one that is sent.
    await wish(`react:${id}:${emoji ?? before}`, emoji !== null, (want) =>
      deliver(() => (want && emoji ? api.messages.react(id, emoji) : api.messages.unreact(id))),
    );
  } catch (error) {
    act({ is: "react", id, userId, emoji: before });
    complain(error);
  }
}

export function toggleReaction(id: string, emoji: string): void {
  const userId = myId();
  const mine = getState().talk.messages[id]?.reactions.find((one) => one.user_id === userId);
  void react(id, mine?.emoji === emoji ? null : emoji);
}

/** False when it was refused, so that the words can be kept. */
export async function edit(id: string, text: string): Promise<boolean> {
  const before = getState().talk.messages[id];
  if (!before || before.text === text) return true;
  act({ is: "message", message: { ...before, text, edited_at: new Date().toISOString() } });
  try {
    act({ is: "message", message: await api.messages.edit(id, text) });
    return true;
  } catch (error) {
    act({ is: "message", message: before });
    complain(error);
    return false;
  }
}

export async function unsend(id: string): Promise<void> {
  try {
    await api.messages.unsend(id);
    act({ is: "unsent", id });
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) act({ is: "unsent", id });
    else complain(error);
  }
}

/** A photo's signed link ran out: a new one is asked for. */
export async function refetchMessage(id: string): Promise<void> {
  try {
    act({ is: "message", message: await api.messages.get(id) });
  } catch {
    // It stays as it is shown; the next load asks again.
  }
}

/** To people by username and to conversations by id. Resolves true when it went. */
export async function sharePost(postId: string, to: string[], text: string): Promise<boolean> {
  try {
    const { shares_count, messages } = await api.messages.share(postId, to, text, randomKey());
    dispatch({ do: "post.patch", id: postId, patch: { shares_count } });
    for (const message of messages) act({ is: "message", message });
    say(m.talk.shared(messages.length));
    return true;
  } catch (error) {
    complain(error);
    return false;
  }
}

export async function copyText(text: string): Promise<void> {
  await navigator.clipboard?.writeText(text).catch(() => {});
  say(m.talk.copied);
}
