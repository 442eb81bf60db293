import { randomKey } from "@/api/key";
import * as api from "@/api/operations";
import type { ShownComment } from "@/stores/state";
import { dispatch, getState } from "@/stores/store";
import { drop, type Errand, note } from "./errands";
import { deliver } from "./outbox";
import { complain } from "./tell";
import { wish } from "./wish";

/**
 * Shows the comment at once. Resolves false when it was refused, so the words can be kept.
 * `again`: it was written before a reload.
 */
export async function add(
  postId: string,
  text: string,
  parent: string | null,
  again?: Pick<Errand, "key" | "at">,
): Promise<boolean> {
  const { session } = getState();
  if (session.is !== "in") return false;
  const { key, at } = again ?? { key: randomKey(), at: Date.now() };
  const name = `comment:${key}`;
  const local: ShownComment = {
    comment_id: `local_${key}`,
    post_id: postId,
    user: session.me,
    text,
    parent_comment_id: parent,
    likes_count: 0,
    replies_count: 0,
    is_liked: false,
    created_at: new Date(at).toISOString(),
    sending: "sending",
  };
  const id = local.comment_id;
  dispatch({ do: "comment.put", comment: local, counted: false });
  note(session.me.user_id, { name, key, at, what: { is: "comment", postId, text, parent } });
  try {
    const comment = await deliver(() => api.comments.create(postId, text, parent, key), {
      onWait: () => dispatch({ do: "comment.patch", id, patch: { sending: "waiting" } }),
      at,
    });
    const full: ShownComment = { ...local, ...comment, sending: undefined };
    dispatch({ do: "comment.put", comment: full, replaces: id, counted: true });
    return true;
  } catch (error) {
    dispatch({ do: "comment.gone", id, postId, counted: false });
    complain(error);
    return false;
  } finally {
    drop(session.me.user_id, name);
  }
}

export async function setLiked(id: string, liked: boolean, since?: number): Promise<void> {
  dispatch({ do: "comment.like", id, liked });
  try {
    await wish(
      `comment.like:${id}`,
      liked,
      (want, at) => {
        const key = randomKey();
        const run = () => (want ? api.comments.like(id, key) : api.comments.unlike(id));
        return deliver<unknown>(run, { at });
      },
      { what: (on) => ({ is: "comment.like", id, on }), at: since },
    );
  } catch (error) {
    dispatch({ do: "comment.like", id, liked: !liked });
    complain(error);
  }
}

/** Shows everyone what someone restricted wrote under one's own post. */
export async function approve(id: string): Promise<void> {
  dispatch({ do: "comment.patch", id, patch: { is_held: false } });
  try {
    await api.comments.approve(id);
  } catch (error) {
    dispatch({ do: "comment.patch", id, patch: { is_held: true } });
    complain(error);
  }
}

export async function destroy(id: string, postId: string): Promise<void> {
  const comment = getState().comments[id];
  if (!comment) return;
  dispatch({ do: "comment.gone", id, postId, counted: false });
  try {
    await api.comments.delete(id);
  } catch (error) {
    dispatch({ do: "comment.put", comment, counted: false });
    complain(error);
  }
}
