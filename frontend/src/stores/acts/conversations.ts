import { ApiError, type Problem, problemOf } from "@/api/errors";
import { randomKey } from "@/api/key";
import * as api from "@/api/operations";
import { m } from "@/app/messages";
import type { Conversation } from "@/app/types";
import { dispatch, getState } from "@/stores/store";
import type { TalkAct } from "@/stores/talk/state";
import { setBlocked } from "./people";
import { complain, say } from "./tell";

const act = (what: TalkAct) => dispatch({ do: "talk", act: what });

function put(conversation: Conversation): Conversation {
  dispatch({ do: "entities", entities: { conversations: [conversation] } });
  return conversation;
}

/** Opens the conversation with one, or makes a group. Null when it was refused. */
export async function begin(usernames: string[], name: string | null): Promise<string | null> {
  try {
    const conversation = await api.conversations.create(usernames, name, randomKey());
    return put(conversation).conversation_id;
  } catch (error) {
    complain(error);
    return null;
  }
}

export async function loadConversation(id: string): Promise<Problem | "gone" | null> {
  try {
    put(await api.conversations.get(id));
    return null;
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 404) return problemOf(error);
    act({ is: "removed", id });
    return "gone";
  }
}

export async function accept(id: string): Promise<void> {
  const before = getState().talk.conversations[id]?.folder ?? null;
  act({ is: "folder", id, folder: "inbox" });
  try {
    put(await api.conversations.accept(id));
  } catch (error) {
    act({ is: "folder", id, folder: before });
    complain(error);
  }
}

export async function decline(id: string): Promise<void> {
  const before = getState().talk.conversations[id]?.folder ?? null;
  act({ is: "folder", id, folder: null });
  try {
    await api.conversations.decline(id);
    say(m.talk.requests.declined);
  } catch (error) {
    act({ is: "folder", id, folder: before });
    complain(error);
  }
}

export async function blockFrom(id: string, username: string): Promise<void> {
  await setBlocked(username, true);
  if (getState().relations[username]?.blocked) act({ is: "removed", id });
}

const reading = new Map<string, string>();

/** Everything up to the newest is read, here and on the other devices. */
export async function markRead(id: string, messageId: string): Promise<void> {
  const { session, talk } = getState();
  const conversation = talk.conversations[id];
  if (session.is !== "in" || !conversation || reading.get(id) === messageId) return;
  const own = conversation.members.find((one) => one.user_id === session.me.user_id);
  if (conversation.unread === 0 && (own?.read_up_to ?? "") >= messageId) return;
  reading.set(id, messageId);
  act({ is: "read", id, messageId, userId: session.me.user_id });
  try {
    await api.conversations.read(id, messageId);
  } catch {
    // The next arrival or visit tells again.
    reading.delete(id);
  }
}

const TYPING_EVERY_MS = 3_000;
const toldAt = new Map<string, number>();

/** Said at most every few seconds; the word holds for six. */
export function tellTyping(id: string): void {
  const now = Date.now();
  if (now - (toldAt.get(id) ?? 0) < TYPING_EVERY_MS) return;
  if (getState().talk.conversations[id]?.folder !== "inbox") return;
  toldAt.set(id, now);
  api.conversations.typing(id).catch(() => {});
}

/** A message went out: the next letter may be told of at once. */
export function typedOut(id: string): void {
  toldAt.delete(id);
}

async function change(run: () => Promise<Conversation>): Promise<boolean> {
  try {
    put(await run());
    return true;
  } catch (error) {
    complain(error);
    return false;
  }
}

export const rename = (id: string, name: string) =>
  change(() => api.conversations.rename(id, name));
export const addMembers = (id: string, usernames: string[]) =>
  change(() => api.conversations.add(id, usernames));
export const removeMember = (id: string, username: string) =>
  change(() => api.conversations.remove(id, username));
export const setAdmin = (id: string, username: string, admin: boolean) =>
  change(() => api.conversations.setAdmin(id, username, admin));

/** The screen goes elsewhere first, and then forgets the group. */
export function forgetConversation(id: string): void {
  act({ is: "removed", id });
}

export async function leave(id: string): Promise<boolean> {
  try {
    await api.conversations.leave(id);
    say(m.talk.group.left);
    return true;
  } catch (error) {
    complain(error);
    return false;
  }
}
