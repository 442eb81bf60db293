import { listOf, prepended, removeEverywhere, withList } from "./lists";
import { listKey, type ShownComment, type State } from "./state";

function threadOf(comment: ShownComment): string {
  return comment.parent_comment_id
    ? listKey.replies(comment.parent_comment_id)
    : listKey.comments(comment.post_id);
}

function bump(state: State, comment: ShownComment, by: number): State {
  const post = state.posts[comment.post_id];
  const parent = comment.parent_comment_id ? state.comments[comment.parent_comment_id] : undefined;
  return {
    ...state,
    posts: post
      ? {
          ...state.posts,
          [post.post_id]: { ...post, comments_count: Math.max(0, post.comments_count + by) },
        }
      : state.posts,
    comments: parent
      ? {
          ...state.comments,
          [parent.comment_id]: {
            ...parent,
            replies_count: Math.max(0, parent.replies_count + by),
          },
        }
      : state.comments,
  };
}

/** One's own comment on its way that is this one, so that the two are never shown side by side. */
function twinOf(state: State, comment: ShownComment): string | undefined {
  return listOf(state, threadOf(comment)).ids.find((id) => {
    const other = state.comments[id];
    return (
      other?.sending !== undefined &&
      other.text === comment.text &&
      other.user.user_id === comment.user.user_id
    );
  });
}

/** `counted`: the post's own counter already holds it, or will be told by `post.counts`. */
export function put(
  state: State,
  comment: ShownComment,
  replaces: string | undefined,
  counted: boolean,
): State {
  const key = threadOf(comment);
  const known = state.comments[comment.comment_id] !== undefined;
  const old = replaces ?? (comment.sending ? undefined : twinOf(state, comment));
  const { [old ?? ""]: _gone, ...others } = state.comments;
  let next: State = { ...state, comments: { ...others, [comment.comment_id]: comment } };
  const list = listOf(next, key);
  const without = list.ids.filter((id) => id !== old && id !== comment.comment_id);
  const place = old ? list.ids.indexOf(old) : -1;
  // Replies read downwards, the newest last; a post's comments begin with the newest.
  const ids =
    place >= 0
      ? [...without.slice(0, place), comment.comment_id, ...without.slice(place)]
      : known && list.ids.includes(comment.comment_id)
        ? list.ids
        : comment.parent_comment_id
          ? [...without, comment.comment_id]
          : prepended(without, [comment.comment_id]);
  next = withList(next, key, { ids });
  return counted || known || old ? next : bump(next, comment, 1);
}

export function gone(state: State, id: string, postId: string, counted: boolean): State {
  const comment = state.comments[id];
  const { [id]: _gone, ...comments } = state.comments;
  const next = {
    ...state,
    comments,
    lists: removeEverywhere(
      state.lists,
      id,
      (key) => key.startsWith("comments:") || key.startsWith("replies:"),
    ),
  };
  if (!comment) return next;
  const known = { ...comment, post_id: postId };
  if (!counted) return bump(next, known, -1);
  const parent = comment.parent_comment_id ? next.comments[comment.parent_comment_id] : undefined;
  if (!parent) return next;
  const replies_count = Math.max(0, parent.replies_count - 1);
  return {
    ...next,
    comments: { ...next.comments, [parent.comment_id]: { ...parent, replies_count } },
  };
}

export function liked(state: State, id: string, isLiked: boolean): State {
  const comment = state.comments[id];
  if (!comment || comment.is_liked === isLiked) return state;
  const likes_count = Math.max(0, comment.likes_count + (isLiked ? 1 : -1));
  return {
    ...state,
    comments: { ...state.comments, [id]: { ...comment, is_liked: isLiked, likes_count } },
  };
}
