import { Bookmark, Heart, MessageCircle, Send } from "lucide-react";
import { m } from "@/app/messages";
import type { Post } from "@/app/types";
import { openOverlay } from "@/stores/acts/overlays";
import { setSaved, toggleLiked } from "@/stores/acts/posts";
import { say } from "@/stores/acts/tell";
import { IconButton } from "@/ui/Button";
import { Count } from "@/ui/Count";
import { classes } from "@/ui/classes";
import style from "./PostActions.module.css";

interface PostActionsProps {
  post: Post;
  onComment: () => void;
}

/** Saved at once; where to is a second thought that the toast offers. */
function save(post: Post) {
  const saving = !post.is_saved;
  void setSaved(post.post_id, saving);
  if (saving) {
    const run = () => openOverlay({ is: "save", postId: post.post_id });
    say(m.post.saved, { label: m.collections.title, run });
  }
}

export function PostActions({ post, onComment }: PostActionsProps) {
  const { is_liked: liked, is_saved: saved, likes_count: likes, comments_count: comments } = post;
  return (
    <div className={style.row}>
      <IconButton
        label={liked ? m.post.unlike : m.post.like}
        aria-pressed={liked}
        className={classes(style.heart, liked && style.liked)}
        onClick={() => toggleLiked(post.post_id)}
      >
        <Heart key={String(liked)} size={24} fill={liked ? "currentColor" : "none"} />
      </IconButton>
      {likes > 0 && (
        <button
          type="button"
          className={style.number}
          aria-label={m.post.likes(likes)}
          aria-haspopup="dialog"
          onClick={() => openOverlay({ is: "likes", postId: post.post_id })}
        >
          <Count value={likes} />
        </button>
      )}
      <IconButton label={m.post.comment} onClick={onComment}>
        <MessageCircle size={24} className={style.flip} />
      </IconButton>
      {comments > 0 && (
        <button
          type="button"
          className={style.number}
          aria-label={m.post.viewComments(comments)}
          onClick={onComment}
        >
          <Count value={comments} />
        </button>
      )}
      <IconButton
        label={m.talk.share}
        aria-haspopup="dialog"
        onClick={() => openOverlay({ is: "send-post", postId: post.post_id })}
      >
        <Send size={23} />
      </IconButton>
      <IconButton
        label={saved ? m.post.unsave : m.post.save}
        aria-pressed={saved}
        className={style.end}
        onClick={() => save(post)}
      >
        <Bookmark size={24} fill={saved ? "currentColor" : "none"} />
      </IconButton>
    </div>
  );
}
