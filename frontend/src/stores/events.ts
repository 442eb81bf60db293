import type { Notification, Post, Presence } from "@/app/types";
import type { EventData, TopicData } from "@/protocol.gen";
import type { EventMessage, LiveMessage } from "@/socket";
import * as comments from "./comments";
import { merge } from "./entities";
import * as feed from "./feed";
import * as notices from "./notices";
import { relate } from "./people";
import * as presence from "./presence";
import type { State } from "./state";
import { applyStoryEvent, applyStoryLive, type StoryEvent } from "./stories/reduce";
import type { Stories } from "./stories/state";
import { applyTalkEvent, applyTyping } from "./talk/events";
import { storyEnded, withTalk } from "./talk/talk";

type Handlers<Map> = { [Type in keyof Map]: (state: State, data: Map[Type]) => State };

/** The generated words say `string` where the app knows the few values there are. */
type Narrow<Map> = {
  [Type in keyof Map]: Map[Type] extends { post_id: string; media: unknown }
    ? Post
    : Map[Type] extends { notification: unknown; unread: number }
      ? { notification: Notification; unread: number }
      : Map[Type];
};
type OfMessages = Extract<keyof EventData, `message.${string}` | `conversation.${string}`>;
type Silent = "post.new" | "media.ready" | "follow.removed" | "session.revoked" | "void";
/** Conversations and rings have stores of their own. */
type Shown = Omit<EventData, Silent | OfMessages | StoryEvent>;

/** `void` and the events that only ask for a fetch change nothing by themselves. */
const onEvent: Handlers<Narrow<Shown>> = {
  // An event's post is written for many readers, so what is the reader's own stays as it was.
  "post.updated": (state, post) => {
    const known = state.posts[post.post_id];
    if (!known) return state;
    const { is_liked, is_saved } = known;
    return merge(state, { posts: [{ ...post, is_liked, is_saved }] });
  },
  "post.deleted": (state, { post_id }) => feed.gone(state, post_id),
  "media.failed": (state, { media_id, post_id, reason }) => {
    const post = post_id ? state.posts[post_id] : undefined;
    if (!post) return state;
    const media = post.media.map((item) =>
      item.media_id === media_id
        ? { ...item, status: "failed" as const, reason: { code: "failed", message: reason } }
        : item,
    );
    return merge(state, { posts: [{ ...post, media }] });
  },
  "notification.new": (state, data) => notices.put(state, data.notification, data.unread),
  "notification.updated": (state, data) => notices.put(state, data.notification, data.unread),
  "notification.shrunk": (state, data) => notices.shrunk(state, data.notification, data.unread),
  "notification.deleted": (state, data) => notices.gone(state, data.notification_id, data.unread),
  "notification.read": (state, { ids, unread }) => notices.read(state, ids, unread),
  "follow.requested": (state, { user }) => {
    const known = state.relations[user.username]?.asksMe === true;
    const next = relate(state, user.username, { asksMe: true });
    if (known || next.session.is !== "in") return next;
    const { me } = next.session;
    const pending_follow_requests = me.pending_follow_requests + 1;
    return { ...next, session: { is: "in", me: { ...me, pending_follow_requests } } };
  },
  "follow.accepted": (state, { user }) =>
    relate(merge(state, { users: [user] }), user.username, { status: "following" }),
};

/** One's own new post can be announced before its request is answered: the draft still shows it. */
function isDraft(state: State, post: Post): boolean {
  return state.drafts.some(
    (draft) =>
      draft.stage === "creating" &&
      draft.user.user_id === post.user.user_id &&
      draft.caption.trim() === post.caption &&
      draft.media.length === post.media.length,
  );
}

function postNew(state: State, post: Post, showPosts: boolean): State {
  if (isDraft(state, post)) return merge(state, { posts: [post] });
  return feed.arrive(state, [post], showPosts);
}

export function withStories(state: State, stories: Stories): State {
  return stories === state.stories ? state : { ...state, stories };
}

export function myIdIn(state: State): string {
  return state.session.is === "in" ? state.session.me.user_id : "";
}

function isStory(type: string): type is StoryEvent {
  return type === "story.new" || type === "story.seen" || type === "story.gone";
}

function applyStory(state: State, type: StoryEvent, data: EventData[StoryEvent]): State {
  const stories = applyStoryEvent(state.stories, type, data, myIdIn(state));
  const next = withStories(state, stories);
  return type === "story.gone" ? storyEnded(next, data.story_id) : next;
}

export function applyEvent(state: State, event: EventMessage, showPosts: boolean): State {
  if (event.type === "post.new") return postNew(state, event.data as Post, showPosts);
  if (isStory(event.type)) return applyStory(state, event.type, event.data as never);
  const handler = onEvent[event.type as keyof typeof onEvent] as
    | ((state: State, data: unknown) => State)
    | undefined;
  return handler ? handler(state, event.data) : (applyTalkEvent(state, event) ?? state);
}

type LiveData = Omit<TopicData["post:{post_id}"], "revoked">;

const onPostTopic: {
  [Type in keyof LiveData]: (s: State, id: string, d: LiveData[Type]) => State;
} = {
  "post.counts": (state, id, { likes, comments: count, shares }) => {
    const post = state.posts[id];
    if (!post) return state;
    const counts = {
      likes_count: likes ?? post.likes_count,
      comments_count: count ?? post.comments_count,
      shares_count: shares ?? post.shares_count,
    };
    return { ...state, posts: { ...state.posts, [id]: { ...post, ...counts } } };
  },
  "comment.new": (state, _id, comment) => {
    if (state.comments[comment.comment_id]) return state;
    const parent = comment.parent_comment_id
      ? state.comments[comment.parent_comment_id]
      : undefined;
    // The post's counter comes by `post.counts`; the parent's has no message of its own.
    const next = comments.put(state, { ...comment, isNew: true }, undefined, true);
    if (!parent) return next;
    const twin = Object.keys(next.comments).length === Object.keys(state.comments).length;
    if (twin) return next;
    const replies_count = parent.replies_count + 1;
    return {
      ...next,
      comments: { ...next.comments, [parent.comment_id]: { ...parent, replies_count } },
    };
  },
  "comment.deleted": (state, id, { comment_id }) => comments.gone(state, comment_id, id, true),
};

export function applyLive(state: State, message: LiveMessage): State {
  if (message.topic === "me") {
    if (message.type !== "unread") return state;
    const { notifications, messages } = message.data as TopicData["me"]["unread"];
    return { ...withTalk(state, { unread: messages }), unread: notifications };
  }
  if (message.topic.startsWith("conversation:") && message.type === "typing") {
    const id = message.topic.slice("conversation:".length);
    return applyTyping(state, id, message.data as { user_id: string; until: string });
  }
  if (message.topic.startsWith("presence:")) {
    const told = message.type === "presence" ? (message.data as Presence) : null;
    return presence.put(state, message.topic.slice("presence:".length), told);
  }
  if (message.topic.startsWith("story:")) {
    const id = message.topic.slice("story:".length);
    return withStories(state, applyStoryLive(state.stories, id, message.type, message.data));
  }
  if (message.topic.startsWith("media:")) {
    if (message.type !== "media.progress") return state;
    const id = message.topic.slice("media:".length);
    const { percent } = message.data as TopicData["media:{media_id}"]["media.progress"];
    return { ...state, work: { ...state.work, [id]: percent } };
  }
  if (!message.topic.startsWith("post:")) return state;
  const id = message.topic.slice("post:".length);
  if (message.type === "revoked") return feed.gone(state, id);
  const handler = onPostTopic[message.type as keyof LiveData] as
    | ((state: State, id: string, data: unknown) => State)
    | undefined;
  return handler ? handler(state, id, message.data) : state;
}
