import type { Post } from "@/app/types";
import { merge } from "./entities";
import { listOf, prepended, removeEverywhere, withList } from "./lists";
import { listKey, type State } from "./state";

function newestFirst(state: State, ids: string[]): string[] {
  const at = (id: string) => state.posts[id]?.created_at ?? "";
  return [...ids].sort((a, b) => (at(a) < at(b) ? 1 : at(a) > at(b) ? -1 : 0));
}

const inWork = (post: Post) =>
  post.media.some(({ status }) => status !== undefined && status !== "ready");

/**
 * A post that is known already. An announcement is written for many and may be a repeat, so what
 * is the reader's own and what is counted live stay; and photos never become unready again.
 */
function known(before: Post | undefined, post: Post): Post {
  if (!before) return post;
  const { is_liked, is_saved, likes_count, comments_count } = before;
  const media = inWork(post) && !inWork(before) ? before.media : post.media;
  return { ...post, media, is_liked, is_saved, likes_count, comments_count };
}

/**
 * New posts of the home feed. At the top of the page they slide in; further down they wait behind
 * the pill, so that the page never moves under the reader.
 */
export function arrive(state: State, posts: Post[], show: boolean): State {
  const merged = merge(state, {
    posts: posts.map((post) => known(state.posts[post.post_id], post)),
  });
  const feed = listOf(state, listKey.feed);
  // Not asked for yet: the first page will bring them. While it is on its way it may have been cut
  // before this post, so from then on nothing is left out.
  if (feed.status === "idle") return merged;
  const ids = posts
    .map((post) => post.post_id)
    .filter((id) => !feed.ids.includes(id) && !state.fresh.includes(id));
  if (ids.length === 0) return merged;
  const fresh = newestFirst(merged, [...ids, ...state.fresh]);
  return show && feed.status === "ready" ? showFresh({ ...merged, fresh }) : { ...merged, fresh };
}

export function showFresh(state: State): State {
  if (state.fresh.length === 0) return state;
  const feed = listOf(state, listKey.feed);
  const ids = newestFirst(state, prepended(feed.ids, state.fresh));
  return withList({ ...state, fresh: [] }, listKey.feed, { ids });
}

/** Somebody is no longer followed, or muted: what they posted leaves the feed at once. */
export function without(state: State, username: string): State {
  const stays = (id: string) => state.posts[id]?.user.username !== username;
  const { ids } = listOf(state, listKey.feed);
  return withList({ ...state, fresh: state.fresh.filter(stays) }, listKey.feed, {
    ids: ids.filter(stays),
  });
}

/** The first page has come: what arrived meanwhile and isn't in it belongs on top. */
export function firstPage(state: State): State {
  const { ids } = listOf(state, listKey.feed);
  return showFresh({ ...state, fresh: state.fresh.filter((id) => !ids.includes(id)) });
}

/** A deleted post, or one that its reader may no longer see, leaves every list at once. */
export function gone(state: State, id: string): State {
  const { [id]: post, ...posts } = state.posts;
  const owner = post?.user.username;
  const profile = owner ? state.profiles[owner] : undefined;
  return {
    ...state,
    posts,
    fresh: state.fresh.filter((other) => other !== id),
    lists: removeEverywhere(state.lists, id),
    overlays: state.overlays.filter((overlay) => !("postId" in overlay && overlay.postId === id)),
    profiles:
      owner && profile && post && post.status !== "archived"
        ? {
            ...state.profiles,
            [owner]: { ...profile, post_count: Math.max(0, profile.post_count - 1) },
          }
        : state.profiles,
  };
}
