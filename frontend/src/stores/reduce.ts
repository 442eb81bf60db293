import type { Post } from "@/app/types";
import type { Action } from "./actions";
import * as comments from "./comments";
import { merge } from "./entities";
import { applyEvent, applyLive, myIdIn, withStories } from "./events";
import * as feed from "./feed";
import { appended, listOf, prepended, withList } from "./lists";
import * as notices from "./notices";
import { relate } from "./people";
import * as presence from "./presence";
import { EMPTY, listKey, type State } from "./state";
import { reduceStories } from "./stories/reduce";
import { loading, paged } from "./talk/lists";
import { reduceTalk, withTalk } from "./talk/talk";

type Handlers = {
  [Kind in Action["do"]]: (state: State, action: Extract<Action, { do: Kind }>) => State;
};

function patchPost(state: State, id: string, patch: Partial<Post>): State {
  const post = state.posts[id];
  return post ? { ...state, posts: { ...state.posts, [id]: { ...post, ...patch } } } : state;
}

const TOASTS_MAX = 3;

/** One line an action; what takes more has a file of its own. */
const handlers: Handlers = {
  "session.in": (state, { me }) =>
    merge(
      {
        ...withTalk(state, { unread: me.unread_messages }),
        session: { is: "in", me },
        unread: me.unread_notifications,
      },
      {
        profiles: [me],
      },
    ),
  "session.out": (_state, { ended }) => ({ ...EMPTY, session: { is: "out", ended } }),
  me: (state, { patch }) => {
    if (state.session.is !== "in") return state;
    const me = { ...state.session.me, ...patch };
    return merge({ ...state, session: { is: "in", me } }, { profiles: [me] });
  },

  presence: (state, { userId, is }) => presence.put(state, userId, is),
  link: (state, { is }) => ({
    ...(is === "online" ? state : presence.unknown(state)),
    link: { ...state.link, is, stoodOnce: state.link.stoodOnce || is === "online" },
  }),
  "link.queued": (state, { queued }) => ({ ...state, link: { ...state.link, queued } }),

  "list.loading": (state, { key }) =>
    loading(withList(state, key, { status: "loading", problem: null }), key),
  "list.failed": (state, { key, problem, code }) =>
    withList(state, key, { status: "failed", problem, code }),
  "list.drop": (state, { key }) => {
    const { [key]: _dropped, ...lists } = state.lists;
    return { ...state, lists };
  },
  "list.remove": (state, { key, id }) =>
    withList(state, key, { ids: listOf(state, key).ids.filter((other) => other !== id) }),
  "list.page": (state, { key, ids, cursor, hasMore, entities, how, newer = null }) => {
    const before = listOf(state, key);
    const next = withList(merge(state, entities), key, {
      ids:
        how === "prepend"
          ? prepended(before.ids, ids)
          : appended(how === "replace" ? [] : before.ids, ids),
      cursor: how === "prepend" ? before.cursor : cursor,
      hasMore: how === "prepend" ? before.hasMore : hasMore,
      newer: how === "append" ? before.newer : newer,
      status: "ready",
      problem: null,
      code: null,
    });
    return key === listKey.feed && how === "replace"
      ? feed.firstPage(next)
      : paged(next, key, before, how);
  },
  entities: (state, { entities }) => merge(state, entities),

  "post.patch": (state, { id, patch }) => patchPost(state, id, patch),
  "post.like": (state, { id, liked }) => {
    const post = state.posts[id];
    if (!post || post.is_liked === liked) return state;
    const likes_count = Math.max(0, post.likes_count + (liked ? 1 : -1));
    return patchPost(state, id, { is_liked: liked, likes_count });
  },
  "post.gone": (state, { id }) => feed.gone(state, id),
  "feed.arrive": (state, { posts, show }) => feed.arrive(state, posts, show),
  "feed.show": feed.showFresh,
  "feed.without": (state, { username }) => feed.without(state, username),

  "comment.put": (state, { comment, replaces, counted }) =>
    comments.put(state, comment, replaces, counted),
  "comment.patch": (state, { id, patch }) => {
    const comment = state.comments[id];
    if (!comment) return state;
    return { ...state, comments: { ...state.comments, [id]: { ...comment, ...patch } } };
  },
  "comment.like": (state, { id, liked }) => comments.liked(state, id, liked),
  "comment.gone": (state, { id, postId, counted }) => comments.gone(state, id, postId, counted),

  relation: (state, { username, patch }) => relate(state, username, patch),
  "profile.patch": (state, { username, patch }) => {
    const profile = state.profiles[username];
    if (!profile) return state;
    return { ...state, profiles: { ...state.profiles, [username]: { ...profile, ...patch } } };
  },
  "notifications.read": (state, { ids, unread }) => notices.read(state, ids, unread),
  unread: (state, { unread }) => ({ ...state, unread }),

  "draft.put": (state, { draft }) => ({
    ...state,
    drafts: [draft, ...state.drafts.filter((other) => other.id !== draft.id)],
  }),
  "draft.patch": (state, { id, patch }) => ({
    ...state,
    drafts: state.drafts.map((draft) => (draft.id === id ? { ...draft, ...patch } : draft)),
  }),
  "draft.gone": (state, { id }) => ({
    ...state,
    drafts: state.drafts.filter((draft) => draft.id !== id),
  }),
  "draft.real": (state, { id, post, previews }) => {
    const drafts = state.drafts.filter((draft) => draft.id !== id);
    const withPost = feed.arrive(
      { ...state, drafts, previews: { ...state.previews, [post.post_id]: previews } },
      [post],
      true,
    );
    const key = listKey.grid(post.user.username);
    const grid = listOf(withPost, key);
    const profile = withPost.profiles[post.user.username];
    const shown = {
      ...withPost,
      profiles: profile
        ? {
            ...withPost.profiles,
            [profile.username]: { ...profile, post_count: profile.post_count + 1 },
          }
        : withPost.profiles,
    };
    if (grid.status === "idle") return shown;
    return withList(shown, key, { ids: prepended(grid.ids, [post.post_id]) });
  },

  "telling.put": (state, { telling }) => ({ ...state, telling: [...state.telling, telling] }),
  "telling.patch": (state, { id, patch }) => ({
    ...state,
    telling: state.telling.map((one) => (one.id === id ? { ...one, ...patch } : one)),
  }),
  "telling.gone": (state, { id }) => ({
    ...state,
    telling: state.telling.filter((one) => one.id !== id),
  }),

  "overlay.open": (state, { overlay }) => ({ ...state, overlays: [...state.overlays, overlay] }),
  "overlay.close": (state) => ({ ...state, overlays: state.overlays.slice(0, -1) }),
  "overlay.closeAll": (state) => (state.overlays.length === 0 ? state : { ...state, overlays: [] }),
  toast: (state, { toast }) => ({
    ...state,
    toasts: [...state.toasts.filter((other) => other.text !== toast.text), toast].slice(
      -TOASTS_MAX,
    ),
  }),
  "toast.gone": (state, { id }) => ({
    ...state,
    toasts: state.toasts.filter((toast) => toast.id !== id),
  }),

  talk: (state, { act }) => reduceTalk(state, act),
  stories: (state, { act }) => withStories(state, reduceStories(state.stories, act, myIdIn(state))),
  event: (state, { event, showPosts }) => applyEvent(state, event, showPosts),
  live: (state, { message }) => applyLive(state, message),
};

export function reduce(state: State, action: Action): State {
  const handler = handlers[action.do] as (state: State, action: Action) => State;
  return handler(state, action);
}
