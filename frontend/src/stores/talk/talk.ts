import type { Conversation, Message, Quote } from "@/app/types";
import { listOf, removeEverywhere } from "@/stores/lists";
import { listKey, type State } from "@/stores/state";
import { place, placeMessage } from "./lists";
import type { Outgoing, Talk, TalkAct } from "./state";

export function withTalk(state: State, change: Partial<Talk>): State {
  return { ...state, talk: { ...state.talk, ...change } };
}

export function patchConversation(state: State, id: string, patch: Partial<Conversation>): State {
  const conversation = state.talk.conversations[id];
  if (!conversation) return state;
  const conversations = { ...state.talk.conversations, [id]: { ...conversation, ...patch } };
  return withTalk(state, { conversations });
}

/** A story is over: what was said about it stays, its picture goes. */
export function storyEnded(state: State, storyId: string): State {
  const messages = { ...state.talk.messages };
  let changed = false;
  for (const message of Object.values(messages)) {
    if (message.story?.story_id !== storyId || message.story.state !== "live") continue;
    const { thumbnail: _picture, ...story } = message.story;
    messages[message.message_id] = { ...message, story: { ...story, state: "expired" } };
    changed = true;
  }
  return changed ? withTalk(state, { messages }) : state;
}

const later = (a: string | null, b: string | null) => ((a ?? "") > (b ?? "") ? a : b);

/** Marks only move forward, whatever order they come in. */
export function marked(
  conversation: Conversation,
  marks: { user_id: string; read_up_to: string | null; delivered_up_to: string | null }[],
): Conversation {
  return {
    ...conversation,
    members: conversation.members.map((member) => {
      const mark = marks.find((one) => one.user_id === member.user_id);
      return mark
        ? {
            ...member,
            read_up_to: later(member.read_up_to, mark.read_up_to),
            delivered_up_to: later(member.delivered_up_to, mark.delivered_up_to),
          }
        : member;
    }),
  };
}

/** A whole conversation from the server. One that is older than what is known came late. */
export function putConversation(state: State, conversation: Conversation): State {
  const id = conversation.conversation_id;
  const known = state.talk.conversations[id];
  if (known && known.version > conversation.version) {
    const conversations = {
      ...state.talk.conversations,
      [id]: marked(known, conversation.members),
    };
    return withTalk(state, { conversations });
  }
  const next = known ? marked(conversation, known.members) : conversation;
  const conversations = { ...state.talk.conversations, [id]: next };
  const { [id]: _back, ...gone } = state.talk.gone;
  return place(withTalk(state, { conversations, gone }), next);
}

function previewOf(message: Message): Conversation["last_message"] {
  return {
    message_id: message.message_id,
    user_id: message.user.user_id,
    kind: message.media ? "photo" : message.post ? "post" : message.story ? "story" : "text",
    is_video: message.media?.type === "video",
    text: message.text,
    created_at: message.created_at,
  };
}

/** Its twin that was shown until the server had it goes; a local photo stays until theirs is ready. */
function replaces(state: State, message: Message): State {
  const twin = message.ref && state.talk.outgoing.find((one) => one.key === message.ref);
  if (!twin) return state;
  const outgoing = state.talk.outgoing.filter((one) => one !== twin);
  const next = withTalk(state, { outgoing });
  if (!twin.photo) return next;
  return { ...next, previews: { ...next.previews, [message.message_id]: [twin.photo] } };
}

/** Remembers messages without saying where they stand; what was unsent stays unsent. */
export function mergeMessages(state: State, messages: Message[]): State {
  const all = { ...state.talk.messages };
  let next = state;
  for (const message of messages) {
    if (state.talk.gone[message.message_id]) continue;
    next = replaces(next, message);
    all[message.message_id] = message;
  }
  return withTalk(next, { messages: all });
}

/** One message, new or known, at its place in its thread. */
export function putMessage(state: State, message: Message): State {
  const { message_id: id, conversation_id } = message;
  if (state.talk.gone[id]) return replaces(state, message);
  let next = placeMessage(mergeMessages(state, [message]), conversation_id, id);
  const conversation = next.talk.conversations[conversation_id];
  if (!conversation) return next;
  const last = conversation.last_message?.message_id ?? "";
  if (id < last) return next;
  const newer = id > last;
  next = patchConversation(next, conversation_id, {
    last_message: previewOf(message),
    ...(newer && { updated_at: message.created_at }),
  });
  const shown = next.talk.conversations[conversation_id];
  return newer && shown ? place(next, shown) : next;
}

function unquoted(message: Message, id: string): Message {
  if (message.reply_to?.message_id !== id) return message;
  const reply_to: Quote = { message_id: id, unavailable: true };
  return { ...message, reply_to };
}

export function unsent(state: State, id: string): State {
  const { [id]: message, ...rest } = state.talk.messages;
  const messages = Object.fromEntries(
    Object.entries(rest).map(([key, other]) => [key, unquoted(other, id)]),
  );
  const gone = { ...state.talk.gone, [id]: true as const };
  const next = {
    ...withTalk(state, { messages, gone }),
    lists: removeEverywhere(state.lists, id, (key) => key.startsWith("thread:")),
  };
  if (!message) return next;
  const conversation = next.talk.conversations[message.conversation_id];
  if (conversation?.last_message?.message_id !== id) return next;
  const before =
    next.talk.messages[listOf(next, listKey.thread(message.conversation_id)).ids[0] ?? ""];
  return patchConversation(next, message.conversation_id, {
    last_message: before ? previewOf(before) : null,
  });
}

/** One is no longer in it, or it ended. */
export function removed(state: State, id: string): State {
  const { [id]: _gone, ...conversations } = state.talk.conversations;
  const outgoing = state.talk.outgoing.filter((one) => one.conversationId !== id);
  const gone = { ...state.talk.gone, [id]: true as const };
  const next = withTalk(state, { conversations, outgoing, gone });
  const { [listKey.thread(id)]: _thread, ...lists } = removeEverywhere(next.lists, id);
  return { ...next, lists };
}

function read(state: State, act: Extract<TalkAct, { is: "read" }>): State {
  const known = state.talk.conversations[act.id];
  if (!known) return state;
  const own = { user_id: act.userId, read_up_to: act.messageId, delivered_up_to: null };
  const next = { ...marked(known, [own]), unread: 0 };
  const inInbox = known.folder === "inbox" ? known.unread : 0;
  return withTalk(state, {
    conversations: { ...state.talk.conversations, [act.id]: next },
    unread: Math.max(0, state.talk.unread - inInbox),
  });
}

function reacted(message: Message, userId: string, emoji: string | null): Message {
  const others = message.reactions.filter((one) => one.user_id !== userId);
  return { ...message, reactions: emoji ? [...others, { user_id: userId, emoji }] : others };
}

function patchOutgoing(state: State, key: string, patch: Partial<Outgoing>): State {
  const outgoing = state.talk.outgoing.map((one) => (one.key === key ? { ...one, ...patch } : one));
  return withTalk(state, { outgoing });
}

function stopTyping(state: State, now: number): State {
  const typing: Talk["typing"] = {};
  for (const [id, people] of Object.entries(state.talk.typing)) {
    const still = Object.entries(people).filter(([, until]) => until > now);
    if (still.length > 0) typing[id] = Object.fromEntries(still);
  }
  return withTalk(state, { typing });
}

export function reduceTalk(state: State, act: TalkAct): State {
  switch (act.is) {
    case "counts":
      return withTalk(state, { unread: act.unread, requests: act.requests });
    case "read":
      return read(state, act);
    case "folder": {
      const before = state.talk.conversations[act.id];
      if (!before) return state;
      const next = patchConversation(state, act.id, { folder: act.folder });
      const by = Number(act.folder === "requests") - Number(before.folder === "requests");
      const moved = place(next, { ...before, folder: act.folder });
      return withTalk(moved, { requests: Math.max(0, moved.talk.requests + by) });
    }
    case "removed":
      return removed(state, act.id);
    case "message":
      return putMessage(state, act.message);
    case "unsent":
      return unsent(state, act.id);
    case "react": {
      const message = state.talk.messages[act.id];
      if (!message) return state;
      return mergeMessages(state, [reacted(message, act.userId, act.emoji)]);
    }
    case "out": {
      const others = state.talk.outgoing.filter((one) => one.key !== act.outgoing.key);
      return withTalk(state, { outgoing: [...others, act.outgoing] });
    }
    case "out.patch":
      return patchOutgoing(state, act.key, act.patch);
    case "out.gone":
      return withTalk(state, {
        outgoing: state.talk.outgoing.filter((one) => one.key !== act.key),
      });
    case "typing.stop":
      return stopTyping(state, act.now);
  }
}

/** What answers brought along. Lists are made by their pages, so this only remembers. */
export function mergeTalk(
  state: State,
  conversations: Conversation[] | undefined,
  messages: Message[] | undefined,
): State {
  let next = state;
  for (const conversation of conversations ?? []) next = putConversation(next, conversation);
  return messages && messages.length > 0 ? mergeMessages(next, messages) : next;
}
