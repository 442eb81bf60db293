import type { Me, Post } from "@/app/types";
import { listOf } from "@/stores/lists";
import { listKey } from "@/stores/state";
import { dispatch, getState, watch } from "@/stores/store";

/**
 * The last feed, readable without a network: its posts as they were shown and the photos on top,
 * in a cache of the browser that the service worker answers photos from. One account's at a time;
 * it goes when that account logs out or another comes. Without a secure context there is no cache
 * of this kind, and nothing is kept.
 */
interface Kept {
  me: Me;
  posts: Post[];
  cursor: string | null;
  hasMore: boolean;
}

const PREFIX = "glimpse-feed-";
const PLACE = "/kept/feed.json";
const POSTS_KEPT = 20;
const PHOTOS_KEPT = 40;
const WIDE_ENOUGH_PX = 640;
const PAUSE_MS = 3_000;

const store = () => ("caches" in globalThis ? caches : null);
const nameOf = (userId: string) => PREFIX + userId;

/** One file a photo: the smallest that looks well on a phone. */
function photosOf(posts: Post[]): string[] {
  const found = new Set<string>();
  for (const { user } of posts) if (user.profile_picture) found.add(user.profile_picture);
  for (const { media } of posts) {
    for (const { url, sources } of media) {
      const webp = sources.filter(({ type }) => type === "image/webp");
      const fits = webp.filter(({ width }) => width >= WIDE_ENOUGH_PX);
      const best = fits.sort((one, other) => one.width - other.width)[0]?.url ?? url;
      if (best) found.add(best);
    }
  }
  return [...found].slice(0, PHOTOS_KEPT);
}

function now(): Kept | null {
  const { session, posts } = getState();
  const feed = listOf(getState(), listKey.feed);
  if (session.is !== "in" || feed.status !== "ready") return null;
  const shown = feed.ids.flatMap((id) => posts[id] ?? []).slice(0, POSTS_KEPT);
  const whole = shown.length === feed.ids.length;
  // The cursor continues after the last of all, so it is of no use behind a part.
  return {
    me: session.me,
    posts: shown,
    cursor: whole ? feed.cursor : null,
    hasMore: whole && feed.hasMore,
  };
}

async function keep(): Promise<void> {
  const kept = now();
  if (!kept || getState().link.is !== "online") return;
  const cache = await store()?.open(nameOf(kept.me.user_id));
  if (!cache) return;
  await cache.put(PLACE, new Response(JSON.stringify(kept)));
  const wanted = new Set(photosOf(kept.posts).map((url) => new URL(url, location.href).href));
  for (const { url } of await cache.keys()) {
    if (!wanted.delete(url) && new URL(url).pathname !== PLACE) await cache.delete(url);
  }
  // One that can't be had now is tried again with the next change.
  for (const url of wanted) await cache.add(url).catch(() => {});
}

/** Keeps the feed as it changes, and shows it where none can be loaded; a pause after the last change, since it comes in bursts. */
export function keepFeed(): void {
  if (!store()) return;
  let before = getState().lists[listKey.feed];
  let timer: ReturnType<typeof setTimeout> | undefined;
  watch(() => {
    const feed = getState().lists[listKey.feed];
    if (feed === before) return;
    before = feed;
    if (feed?.status === "failed" && feed.ids.length === 0) void fillIn().catch(() => {});
    if (feed?.status !== "ready") return;
    clearTimeout(timer);
    // A full disk, or caches switched off: the app works, only not offline.
    timer = setTimeout(() => void keep().catch(() => {}), PAUSE_MS);
  });
}

async function read(): Promise<Kept | null> {
  const names = (await store()?.keys()) ?? [];
  const name = names.find((one) => one.startsWith(PREFIX));
  const found = name && (await (await caches.open(name)).match(PLACE));
  if (!found) return null;
  const kept = (await found.json()) as Kept;
  return name === nameOf(kept.me.user_id) ? kept : null;
}

function put({ posts, cursor, hasMore }: Pick<Kept, "posts" | "cursor" | "hasMore">): void {
  dispatch({
    do: "list.page",
    key: listKey.feed,
    ids: posts.map((post) => post.post_id),
    entities: { posts },
    cursor,
    hasMore,
    how: "replace",
  });
}

/** Shows what was kept of whoever was last here; their id, or null when there is nothing. */
export async function showKeptFeed(): Promise<string | null> {
  try {
    const kept = await read();
    if (!kept || getState().session.is !== "booting") return null;
    dispatch({ do: "session.in", me: kept.me });
    dispatch({ do: "link", is: "offline" });
    put(kept);
    return kept.me.user_id;
  } catch {
    return null;
  }
}

/**
 * In place of a feed that could not be loaded, for whoever began on another screen. It stays one
 * that failed, so it is asked for anew, from its top, when the connection is back.
 */
async function fillIn(): Promise<void> {
  const kept = await read();
  const { session, lists } = getState();
  const feed = lists[listKey.feed];
  if (!kept || session.is !== "in" || session.me.user_id !== kept.me.user_id) return;
  if (feed?.status !== "failed" || feed.ids.length > 0) return;
  const { problem, code } = feed;
  put({ posts: kept.posts, cursor: null, hasMore: false });
  if (problem) dispatch({ do: "list.failed", key: listKey.feed, problem, code });
}

/** Nothing stays of anybody but this account; null: nothing at all. */
export async function forgetFeeds(butOf: string | null): Promise<void> {
  const mine = butOf === null ? null : nameOf(butOf);
  try {
    for (const name of (await store()?.keys()) ?? []) {
      if (name.startsWith(PREFIX) && name !== mine) await caches.delete(name);
    }
  } catch {
    // Where caches can't be read, none was written.
  }
}
