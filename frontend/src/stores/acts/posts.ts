import { ApiError } from "@/api/errors";
import { randomKey } from "@/api/key";
import * as api from "@/api/operations";
import { m } from "@/app/messages";
import { listKey } from "@/stores/state";
import { dispatch, getState } from "@/stores/store";
import { deliver } from "./outbox";
import { complain, say } from "./tell";
import { wish } from "./wish";

/** The heart answers the finger at once; the server is told, and its refusal undoes it. */
export async function setLiked(id: string, liked: boolean, since?: number): Promise<void> {
  dispatch({ do: "post.like", id, liked });
  try {
    await wish(
      `like:${id}`,
      liked,
      (want, at) => {
        const key = randomKey();
        const run = () => (want ? api.posts.like(id, key) : api.posts.unlike(id));
        return deliver<unknown>(run, { at });
      },
      { what: (on) => ({ is: "like", id, on }), at: since },
    );
  } catch (error) {
    dispatch({ do: "post.like", id, liked: !liked });
    complain(error);
  }
}

export function toggleLiked(id: string): void {
  const post = getState().posts[id];
  if (post) void setLiked(id, !post.is_liked);
}

export async function setSaved(
  id: string,
  saved: boolean,
  collectionId?: string,
  since?: number,
): Promise<void> {
  dispatch({ do: "post.patch", id, patch: { is_saved: saved } });
  try {
    await wish(
      `save:${id}:${collectionId ?? ""}`,
      saved,
      (want, at) =>
        deliver(() => (want ? api.posts.save(id, collectionId) : api.posts.unsave(id)), { at }),
      { what: (on) => ({ is: "save", id, on, ...(collectionId && { collectionId }) }), at: since },
    );
    for (const key of Object.keys(getState().lists)) {
      if (key.startsWith("collection:")) dispatch({ do: "list.drop", key });
    }
  } catch (error) {
    dispatch({ do: "post.patch", id, patch: { is_saved: !saved } });
    complain(error);
  }
}

export async function edit(id: string, caption: string): Promise<void> {
  dispatch({ do: "entities", entities: { posts: [await api.posts.update(id, { caption })] } });
}

export async function setCommentsDisabled(id: string, disabled: boolean): Promise<void> {
  dispatch({ do: "post.patch", id, patch: { comments_disabled: disabled } });
  try {
    await api.posts.update(id, { comments_disabled: disabled });
  } catch (error) {
    dispatch({ do: "post.patch", id, patch: { comments_disabled: !disabled } });
    complain(error);
  }
}

export async function destroy(id: string): Promise<void> {
  try {
    await api.posts.delete(id);
    dispatch({ do: "post.gone", id });
    say(m.post.deleted);
  } catch (error) {
    complain(error);
  }
}

export async function setArchived(id: string, archived: boolean): Promise<void> {
  const owner = getState().posts[id]?.user.username;
  try {
    await (archived ? api.posts.archive(id) : api.posts.unarchive(id));
    dispatch({ do: "post.gone", id });
    dispatch({ do: "list.drop", key: listKey.archive });
    if (owner) {
      dispatch({ do: "list.drop", key: listKey.grid(owner) });
      dispatch({ do: "entities", entities: { profiles: [await api.users.get(owner)] } });
    }
    say(archived ? m.post.archived : m.post.unarchived);
  } catch (error) {
    complain(error);
  }
}

/** Fetches a post anew: its signed picture links ran out, or its photos became ready. */
export async function refetch(id: string): Promise<"ok" | "gone" | "failed"> {
  try {
    dispatch({ do: "entities", entities: { posts: [await api.posts.get(id)] } });
    return "ok";
  } catch (error) {
    if (!(error instanceof ApiError) || (error.status !== 404 && error.status !== 403)) {
      return "failed";
    }
    dispatch({ do: "post.gone", id });
    return "gone";
  }
}
