import type { Conversation } from "@/app/types";
import type { Action } from "@/stores/actions";
import { listOf, withList } from "@/stores/lists";
import { type List, listKey, type State } from "@/stores/state";

export const inboxes = [listKey.inbox, listKey.messageRequests] as const;

function folderKey(conversation: Conversation): string | null {
  if (conversation.folder === "inbox") return listKey.inbox;
  return conversation.folder === "requests" ? listKey.messageRequests : null;
}

/** The last written to first; of two at once, either. */
function byTime(state: State, ids: string[]): string[] {
  const at = (id: string) => state.talk.conversations[id]?.updated_at ?? "";
  return [...ids].sort((a, b) => (at(a) < at(b) ? 1 : at(a) > at(b) ? -1 : 0));
}

/** Ids order what was said; lists have the newest first. */
export function newestFirst(ids: string[]): string[] {
  return [...new Set(ids)].sort((a, b) => (a < b ? 1 : a > b ? -1 : 0));
}

function early(state: State, key: string, id: string): State {
  const before = state.talk.early[key] ?? [];
  if (before.includes(id)) return state;
  const all = { ...state.talk.early, [key]: [...before, id] };
  return { ...state, talk: { ...state.talk, early: all } };
}

/** Puts an arrival into a list, and remembers it when a page is on its way that may lack it. */
function arrive(state: State, key: string, id: string, sort: (ids: string[]) => string[]): State {
  const list = listOf(state, key);
  if (list.status === "idle") return state;
  const next = list.status === "loading" ? early(state, key, id) : state;
  return withList(next, key, { ids: sort(list.ids.includes(id) ? list.ids : [id, ...list.ids]) });
}

/** A conversation stands in the list of its folder, by its time, and in no other. */
export function place(state: State, conversation: Conversation): State {
  const id = conversation.conversation_id;
  const home = folderKey(conversation);
  let next = state;
  for (const key of inboxes) {
    const list = listOf(next, key);
    if (key !== home && list.ids.includes(id)) {
      next = withList(next, key, { ids: list.ids.filter((other) => other !== id) });
    }
  }
  return home ? arrive(next, home, id, (ids) => byTime(next, ids)) : next;
}

export function placeMessage(state: State, conversationId: string, id: string): State {
  return arrive(state, listKey.thread(conversationId), id, newestFirst);
}

export function loading(state: State, key: string): State {
  if (!state.talk.early[key]) return state;
  const { [key]: _told, ...rest } = state.talk.early;
  return { ...state, talk: { ...state.talk, early: rest } };
}

type How = Extract<Action, { do: "list.page" }>["how"];

/**
 * A stretch around a message that has met the newest ones is no longer apart: the thread goes on
 * from where the stretch begins.
 */
function joined(state: State, key: string): State {
  const home = key.split("@")[0] ?? key;
  const stretch = listOf(state, key);
  const thread = listOf(state, home);
  const oldest = thread.ids.at(-1);
  const [first] = stretch.ids;
  if (home === key || !oldest || (stretch.newer && (first ?? "") < oldest)) return state;
  if ((stretch.ids.at(-1) ?? oldest) >= oldest) return state;
  return withList(state, home, {
    ids: newestFirst([...thread.ids, ...stretch.ids]),
    cursor: stretch.cursor,
    hasMore: stretch.hasMore,
  });
}

/**
 * A page of an inbox or a thread has come. What arrived while it was on its way is kept, what was
 * unsent stays gone, and a first page that reaches what was read before is joined with it.
 */
export function paged(state: State, key: string, before: List, how: How): State {
  const arrived = state.talk.early[key] ?? [];
  const list = listOf(state, key);
  if (inboxes.includes(key as (typeof inboxes)[number])) {
    const here = [...new Set([...arrived, ...list.ids])].filter((id) => {
      const conversation = state.talk.conversations[id];
      return conversation && folderKey(conversation) === key;
    });
    return loading(withList(state, key, { ids: byTime(state, here) }), key);
  }
  if (!key.startsWith("thread:")) return state;
  let ids = [...arrived, ...list.ids];
  let kept: Partial<List> = {};
  const oldest = list.ids.at(-1);
  if (how === "replace" && oldest && before.ids.includes(oldest)) {
    ids = [...ids, ...before.ids.filter((id) => id < oldest)];
    kept = { cursor: before.cursor, hasMore: before.hasMore };
  }
  const alive = newestFirst(ids).filter((id) => !state.talk.gone[id]);
  return joined(loading(withList(state, key, { ids: alive, ...kept }), key), key);
}
