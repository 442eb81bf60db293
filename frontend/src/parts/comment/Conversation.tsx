import { type ReactNode, useState } from "react";
import { m } from "@/app/messages";
import { useStore } from "@/stores/store";
import style from "./Comment.module.css";
import { CommentForm, type ReplyTo } from "./CommentForm";
import { Thread } from "./Thread";

interface ConversationProps {
  postId: string;
  autoFocus?: boolean;
  children: (thread: ReactNode, form: ReactNode) => ReactNode;
}

/** The comments of a post and the field to add one; where the two stand is up to the screen. */
export function Conversation({ postId, autoFocus, children }: ConversationProps) {
  const owner = useStore((s) => s.posts[postId]?.user.user_id ?? "");
  const off = useStore((s) => s.posts[postId]?.comments_disabled === true);
  const [reply, setReply] = useState<ReplyTo | null>(null);
  return children(
    <Thread
      postId={postId}
      postOwner={owner}
      onReply={off ? null : (commentId, username) => setReply({ commentId, username })}
    />,
    off ? (
      <p className={style.off}>{m.post.commentsAreOff}</p>
    ) : (
      <CommentForm
        postId={postId}
        reply={reply}
        onReplyEnd={() => setReply(null)}
        autoFocus={autoFocus}
      />
    ),
  );
}
