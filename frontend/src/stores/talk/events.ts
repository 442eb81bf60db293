import type { Message } from "@/app/types";
import type { EventData, TopicData } from "@/protocol.gen";
import type { EventMessage } from "@/socket";
import type { State } from "@/stores/state";
import {
  marked,
  patchConversation,
  putConversation,
  putMessage,
  removed,
  unsent,
  withTalk,
} from "./talk";

type OfTalk = Extract<keyof EventData, `message.${string}` | `conversation.${string}`>;
type Handlers = { [Type in OfTalk]: (state: State, data: EventData[Type]) => State };

/** Unread counts travel with the version they were true at; a lower one came late. */
function counted(state: State, id: string, unread: number, version: number): State {
  const known = state.talk.conversations[id];
  if (!known || known.version > version) return state;
  return patchConversation(state, id, { unread, version });
}

function stopped(state: State, conversationId: string, userId: string): State {
  const people = state.talk.typing[conversationId];
  if (!people?.[userId]) return state;
  const { [userId]: _done, ...others } = people;
  return withTalk(state, { typing: { ...state.talk.typing, [conversationId]: others } });
}

function marks(state: State, data: EventData["message.read"]): State {
  const known = state.talk.conversations[data.conversation_id];
  if (!known) return state;
  const conversations = {
    ...state.talk.conversations,
    [data.conversation_id]: marked(known, data.marks),
  };
  return counted(
    withTalk(state, { conversations }),
    data.conversation_id,
    data.unread,
    data.version,
  );
}

const onEvent: Handlers = {
  "message.new": (state, { conversation_id: id, folder, message, unread, version }) => {
    const known = state.talk.conversations[id];
    const late = known !== undefined && known.version > version;
    const moved = late ? state : patchConversation(state, id, { folder });
    const next = putMessage(moved, message as Message);
    return stopped(counted(next, id, unread, version), id, message.user.user_id);
  },
  "message.updated": (state, { message }) => {
    // One that is not shown anywhere will be fetched with its page.
    const known = state.talk.messages[message.message_id];
    return known ? putMessage(state, message as Message) : state;
  },
  "message.deleted": (state, { conversation_id, message_id, unread, version }) =>
    counted(unsent(state, message_id), conversation_id, unread, version),
  "message.read": marks,
  "message.delivered": marks,
  "conversation.updated": (state, conversation) => {
    const before = state.talk.conversations[conversation.conversation_id]?.folder;
    const next = putConversation(state, conversation);
    const after = next.talk.conversations[conversation.conversation_id]?.folder;
    if (before === after) return next;
    const by = Number(after === "requests") - Number(before === "requests");
    return withTalk(next, { requests: Math.max(0, next.talk.requests + by) });
  },
  "conversation.removed": (state, { conversation_id }) => removed(state, conversation_id),
};

/** Null when the event is not about conversations. */
export function applyTalkEvent(state: State, event: EventMessage): State | null {
  const handler = onEvent[event.type as OfTalk] as
    | ((state: State, data: unknown) => State)
    | undefined;
  return handler ? handler(state, event.data) : null;
}

type Typing = TopicData["conversation:{conversation_id}"]["typing"];

export function applyTyping(state: State, id: string, { user_id, until }: Typing): State {
  const people = { ...state.talk.typing[id], [user_id]: Date.parse(until) };
  return withTalk(state, { typing: { ...state.talk.typing, [id]: people } });
}
