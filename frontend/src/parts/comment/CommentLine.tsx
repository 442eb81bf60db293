import { Heart, Trash2 } from "lucide-react";
import { memo } from "react";
import { Link } from "wouter";
import { m } from "@/app/messages";
import { Name } from "@/parts/person/Name";
import { RichText } from "@/parts/RichText";
import { approve, destroy, setLiked } from "@/stores/acts/comments";
import { useMe, useStore } from "@/stores/store";
import { Avatar } from "@/ui/Avatar";
import { Count } from "@/ui/Count";
import { classes } from "@/ui/classes";
import { TimeAgo } from "@/ui/TimeAgo";
import style from "./Comment.module.css";

interface CommentLineProps {
  id: string;
  postOwner: string;
  onReply: ((commentId: string, username: string) => void) | null;
}

export const CommentLine = memo(function CommentLine({ id, postOwner, onReply }: CommentLineProps) {
  const comment = useStore((s) => s.comments[id]);
  const me = useMe();
  if (!comment || !me) return null;
  const { user } = comment;
  const mayDelete = user.user_id === me.user_id || postOwner === me.user_id;
  return (
    <article
      className={classes(style.line, comment.isNew && style.new)}
      aria-busy={!!comment.sending}
    >
      <Link href={`/u/${user.username}`} aria-hidden="true" tabIndex={-1}>
        <Avatar user={user} size="small" />
      </Link>
      <div className={style.words}>
        <p>
          <Name user={user} /> <RichText text={comment.text} />
        </p>
        <div className={style.under}>
          {comment.sending ? (
            <span>{comment.sending === "waiting" ? m.comments.waiting : m.comments.sending}</span>
          ) : (
            <>
              <TimeAgo iso={comment.created_at} />
              {comment.likes_count > 0 && (
                <span>
                  <Count value={comment.likes_count} /> {m.comments.likes(comment.likes_count)}
                </span>
              )}
              {onReply && (
                <button
                  type="button"
                  onClick={() => onReply(comment.parent_comment_id ?? id, user.username)}
                >
                  {m.comments.reply}
                </button>
              )}
              {comment.is_held && <span className={style.held}>{m.comments.held}</span>}
              {comment.is_held && postOwner === me.user_id && (
                <button type="button" onClick={() => void approve(id)}>
                  {m.comments.approve}
                </button>
              )}
              {mayDelete && (
                <button
                  type="button"
                  className={style.delete}
                  aria-label={m.comments.delete}
                  title={m.comments.delete}
                  onClick={() => void destroy(id, comment.post_id)}
                >
                  <Trash2 size={14} />
                </button>
              )}
            </>
          )}
        </div>
      </div>
      {!comment.sending && (
        <button
          type="button"
          className={classes(style.heart, comment.is_liked && style.liked)}
          aria-pressed={comment.is_liked}
          aria-label={comment.is_liked ? m.comments.unlike : m.comments.like}
          onClick={() => void setLiked(id, !comment.is_liked)}
        >
          <Heart size={14} fill={comment.is_liked ? "currentColor" : "none"} />
        </button>
      )}
    </article>
  );
});
