import type { Problem } from "@/api/errors";
import type { Conversation, Message, Quote, SharedPost } from "@/app/types";
import type { Preview } from "@/stores/state";

/** Everything about conversations; which ids stand where is in the lists, as for all else. */
export interface Talk {
  conversations: Record<string, Conversation>;
  messages: Record<string, Message>;
  /** What one said that the server doesn't have yet, oldest first. */
  outgoing: Outgoing[];
  /** Until when somebody types, by conversation and person. */
  typing: Record<string, Record<string, number>>;
  /**
   * Unsent messages, and conversations that one left: an older answer that still has one must not
   * bring it back, and nobody needs to ask for it.
   */
  gone: Record<string, true>;
  /** What arrived while a list was being fetched, by the list's key: the page may lack it. */
  early: Record<string, string[]>;
  /** Unread messages in the whole inbox. */
  unread: number;
  /** Conversations that wait to be accepted. */
  requests: number;
}

export interface Outgoing {
  /** Names the act for good: a repeat after a broken answer carries it again. */
  key: string;
  conversationId: string;
  text: string;
  post: SharedPost | null;
  photo: Preview | null;
  replyTo: Quote | null;
  createdAt: string;
  state: "sending" | "waiting" | "failed";
  /** Of a photo's bytes. */
  percent: number;
  problem: Problem | null;
}

export const NO_TALK: Talk = {
  conversations: {},
  messages: {},
  outgoing: [],
  typing: {},
  gone: {},
  early: {},
  unread: 0,
  requests: 0,
};

export type TalkAct =
  | { is: "counts"; unread: number; requests: number }
  | { is: "read"; id: string; messageId: string; userId: string }
  | { is: "folder"; id: string; folder: Conversation["folder"] }
  | { is: "removed"; id: string }
  | { is: "message"; message: Message }
  | { is: "unsent"; id: string }
  | { is: "react"; id: string; userId: string; emoji: string | null }
  | { is: "out"; outgoing: Outgoing }
  | { is: "out.patch"; key: string; patch: Partial<Outgoing> }
  | { is: "out.gone"; key: string }
  | { is: "typing.stop"; now: number };
