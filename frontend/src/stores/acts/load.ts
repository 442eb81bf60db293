import { ApiError, problemOf } from "@/api/errors";
import * as api from "@/api/operations";
import { listOf } from "@/stores/lists";
import { dispatch, getState } from "@/stores/store";
import { type Source, sources } from "./sources";

/** Which attempt of a list is the newest, so that a slow older answer is dropped. */
const attempts = new Map<string, number>();

type How = "replace" | "append" | "prepend";

async function fetchPage(source: Source, how: How, arriving?: () => void): Promise<void> {
  const { key } = source;
  const attempt = (attempts.get(key) ?? 0) + 1;
  attempts.set(key, attempt);
  const list = listOf(getState(), key);
  const cursor = { replace: null, append: list.cursor, prepend: list.newer }[how];
  dispatch({ do: "list.loading", key });
  try {
    const { ids, entities, page, newer } = await source.page(cursor);
    if (attempts.get(key) !== attempt) return;
    arriving?.();
    dispatch({
      do: "list.page",
      key,
      ids,
      entities,
      how,
      cursor: page.next_cursor,
      hasMore: page.has_more,
      newer,
    });
  } catch (error) {
    if (attempts.get(key) !== attempt) return;
    const code = error instanceof ApiError ? error.code : null;
    dispatch({ do: "list.failed", key, problem: problemOf(error), code });
  }
}

/** Loads the first page, unless it is there or on its way. */
export function loadFirst(source: Source): void {
  const { status } = listOf(getState(), source.key);
  if (status === "idle") void fetchPage(source, "replace");
}

export function loadMore(source: Source): void {
  const list = listOf(getState(), source.key);
  if (list.status === "ready" && list.hasMore) void fetchPage(source, "append");
}

/** The page before the first; `arriving` is called right before it is shown. */
export function loadNewer(source: Source, arriving: () => void): void {
  const list = listOf(getState(), source.key);
  if (list.status === "ready" && list.newer) void fetchPage(source, "prepend", arriving);
}

/** After a failure: whatever was being loaded, again. */
export function loadAgain(source: Source): void {
  const list = listOf(getState(), source.key);
  void fetchPage(source, list.ids.length > 0 && list.cursor ? "append" : "replace");
}

/** The first page anew, in place of what is shown. */
export function reload(source: Source): Promise<void> {
  return fetchPage(source, "replace");
}

/** Lists that are on the screen now; after a resync they are what must be reloaded. */
const shown = new Map<string, { source: Source; screens: number }>();

export function show(source: Source): () => void {
  const entry = shown.get(source.key) ?? { source, screens: 0 };
  entry.screens += 1;
  shown.set(source.key, entry);
  return () => {
    entry.screens -= 1;
    if (entry.screens === 0) shown.delete(source.key);
  };
}

/** What is not on the screen is fetched when it is next shown. */
export function dropUnseen(mayDrop: (key: string) => boolean): void {
  for (const key of Object.keys(getState().lists)) {
    if (mayDrop(key) && !shown.has(key)) dispatch({ do: "list.drop", key });
  }
}

/** The connection is back: what could not be loaded without it is asked for again. */
export function retryFailed(): void {
  for (const { source } of shown.values()) {
    if (listOf(getState(), source.key).status === "failed") loadAgain(source);
  }
}

const PAGE_OF_FEED = 20;

/**
 * Events were missed: everything on the screen is fetched anew. The feed is not replaced under the
 * reader: what is new goes where new posts go. When the new page doesn't reach what was shown, a
 * gap would be left between the two, so then the list begins anew.
 */
export async function reloadShown(showPosts: boolean): Promise<void> {
  for (const { source } of shown.values()) {
    if (source.key !== sources.feed.key) void reload(source);
  }
  const feed = listOf(getState(), sources.feed.key);
  if (feed.status === "idle") return;
  try {
    const { data } = await api.feed.home(null, PAGE_OF_FEED);
    const known = new Set(feed.ids);
    const reaches = data.posts.some((post) => known.has(post.post_id));
    if (!reaches) return void reload(sources.feed);
    dispatch({ do: "entities", entities: { posts: data.posts } });
    dispatch({ do: "feed.arrive", posts: data.posts, show: showPosts });
  } catch {
    // The next reconnection asks again.
  }
}
