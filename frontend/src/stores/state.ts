import type { Problem } from "@/api/errors";
import type {
  Comment,
  Conversation,
  FollowStatus,
  Me,
  Message,
  Notification,
  Post,
  Presence,
  Profile,
  User,
  UserRow,
} from "@/app/types";
import { NO_STORIES, type Stories } from "./stories/state";
import { NO_TALK, type Talk } from "./talk/state";

/**
 * Everything the screens show, each thing once: lists hold ids, and an event changes the one
 * object that all lists and screens look at.
 */
export interface State {
  session: { is: "booting" } | { is: "out"; ended: boolean } | { is: "in"; me: Me };
  link: Link;
  posts: Record<string, Post>;
  comments: Record<string, ShownComment>;
  users: Record<string, User>;
  profiles: Record<string, Profile>;
  relations: Record<string, Relation>;
  notifications: Record<string, Notification>;
  unread: number;
  talk: Talk;
  /** When people on the screen are active, by their id. */
  presence: Record<string, Presence>;
  stories: Stories;
  lists: Record<string, List>;
  /** Posts that arrived while the reader was further down. */
  fresh: string[];
  /** Own posts whose photos are still on their way. */
  drafts: Draft[];
  /** Own stories that are on their way. */
  telling: Telling[];
  /** Local pictures of one's own post, shown until the server's are ready. */
  previews: Record<string, Preview[]>;
  /** How far the server is with one's own media, in percent, by the medium's id. */
  work: Record<string, number>;
  overlays: Overlay[];
  toasts: Toast[];
}

export interface Link {
  is: "idle" | "connecting" | "online" | "waiting" | "offline" | "stopped";
  /** How many acts wait for the connection. */
  queued: number;
  /** True once the first connection stood: before that nothing has been lost. */
  stoodOnce: boolean;
}

export interface List {
  ids: string[];
  cursor: string | null;
  /** Where what comes before the first goes on; null where the list begins at its beginning. */
  newer: string | null;
  hasMore: boolean;
  status: "idle" | "loading" | "ready" | "failed";
  problem: Problem | null;
  /** The code of the refusal, where a screen explains it (a private account). */
  code: string | null;
}

export interface Relation {
  status: FollowStatus;
  followsMe: boolean;
  asksMe: boolean;
  blocked: boolean;
  muted: boolean;
  restricted: boolean;
}

export interface ShownComment extends Comment {
  /** Set on one's own comment until the server has it. */
  sending?: "sending" | "waiting";
  /** It arrived while the reader was looking. */
  isNew?: boolean;
}

export interface Preview {
  /** Null when the browser can't show the format. */
  url: string | null;
  width: number;
  height: number;
  /** It is one picture of a video. */
  film?: true;
}

export interface Draft {
  id: string;
  user: User;
  caption: string;
  place: string | null;
  media: Preview[];
  percent: number;
  stage: "uploading" | "creating" | "failed";
  problem: Problem | null;
}

/** One's own story, of one or more parts, until all of them are real. */
export interface Telling {
  id: string;
  /** A local picture; null when the browser can't show the format. */
  preview: string | null;
  count: number;
  done: number;
  percent: number;
  stage: "uploading" | "creating" | "failed";
  problem: Problem | null;
}

export type Overlay =
  | { is: "comments"; postId: string }
  | { is: "likes"; postId: string }
  | { is: "post-menu"; postId: string }
  | { is: "post-edit"; postId: string }
  | { is: "post-delete"; postId: string }
  | { is: "save"; postId: string }
  | { is: "people"; username: string; which: "followers" | "following" }
  | { is: "profile-menu"; username: string }
  | { is: "unfollow"; username: string }
  | { is: "block"; username: string }
  | { is: "profile-edit" }
  | { is: "create" }
  | { is: "compose"; files?: File[] }
  | { is: "highlight-edit"; id: string | null; storyId?: string }
  | { is: "telling" }
  | { is: "send-post"; postId: string }
  | { is: "send-story"; storyId: string }
  | { is: "story-menu"; storyId: string }
  | { is: "story-delete"; storyId: string }
  | { is: "story-viewers"; storyId: string }
  | { is: "new-message" }
  | { is: "conversation"; id: string }
  | { is: "add-members"; id: string }
  | { is: "keys" };

export interface Toast {
  id: string;
  text: string;
  kind: "info" | "error";
  requestId: string | null;
  action?: { label: string; run: () => void };
}

export const NO_LIST: List = {
  ids: [],
  cursor: null,
  newer: null,
  hasMore: true,
  status: "idle",
  problem: null,
  code: null,
};

export const STRANGER: Relation = {
  status: "none",
  followsMe: false,
  asksMe: false,
  blocked: false,
  muted: false,
  restricted: false,
};

export const EMPTY: State = {
  session: { is: "booting" },
  link: { is: "idle", queued: 0, stoodOnce: false },
  posts: {},
  comments: {},
  users: {},
  profiles: {},
  relations: {},
  notifications: {},
  unread: 0,
  talk: NO_TALK,
  presence: {},
  stories: NO_STORIES,
  lists: {},
  fresh: [],
  drafts: [],
  telling: [],
  previews: {},
  work: {},
  overlays: [],
  toasts: [],
};

/** What a server's answer brought along. */
export interface Entities {
  posts?: Post[];
  comments?: Comment[];
  users?: UserRow[];
  profiles?: Profile[];
  notifications?: Notification[];
  conversations?: Conversation[];
  messages?: Message[];
}

export const listKey = {
  feed: "feed",
  grid: (username: string) => `grid:${username}`,
  archive: "archive",
  collection: (id: string) => `collection:${id}`,
  followers: (username: string) => `followers:${username}`,
  following: (username: string) => `following:${username}`,
  likes: (postId: string) => `likes:${postId}`,
  comments: (postId: string) => `comments:${postId}`,
  replies: (commentId: string) => `replies:${commentId}`,
  suggestions: "suggestions",
  requests: "requests",
  mutedPeople: "muted-people",
  notifications: "notifications",
  inbox: "inbox",
  messageRequests: "message-requests",
  storyViewers: (storyId: string) => `story-viewers:${storyId}`,
  thread: (conversationId: string) => `thread:${conversationId}`,
  /** A stretch of a thread around one message, apart from the newest. */
  around: (conversationId: string, messageId: string) => `thread:${conversationId}@${messageId}`,
};

export type RelationPatch = Partial<Relation>;
