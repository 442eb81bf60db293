import { getState } from "@/stores/store";
import { add, setLiked as setCommentLiked } from "./comments";
import { type Errand, errands } from "./errands";
import { refill } from "./outbox";
import { restoreOutgoing } from "./outgoing";
import { setLiked, setSaved } from "./posts";

function again({ what, key, at }: Errand): Promise<unknown> {
  switch (what.is) {
    case "like":
      return setLiked(what.id, what.on, at);
    case "comment.like":
      return setCommentLiked(what.id, what.on, at);
    case "save":
      return setSaved(what.id, what.on, what.collectionId, at);
    case "comment":
      return add(what.postId, what.text, what.parent, { key, at });
  }
}

let restored = "";

/**
 * What was done before a reload and had not gone out, in its order; once for each account and
 * page. Another tab may do the same: keys and wishes make that one act.
 */
export async function restore(): Promise<void> {
  const { session } = getState();
  if (session.is !== "in" || restored === session.me.user_id) return;
  const userId = session.me.user_id;
  restored = userId;
  await refill(() => {
    for (const errand of errands(userId)) void again(errand);
    restoreOutgoing(userId);
  });
}

/** Somebody else may come. */
export function forgetRestored(): void {
  restored = "";
}
