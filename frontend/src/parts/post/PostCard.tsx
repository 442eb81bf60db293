import { memo } from "react";
import { m } from "@/app/messages";
import { useTopic } from "@/parts/useTopic";
import { openOverlay } from "@/stores/acts/overlays";
import { useStore } from "@/stores/store";
import { Caption } from "./Caption";
import { PostActions } from "./PostActions";
import style from "./PostCard.module.css";
import { PostHeader } from "./PostHeader";
import { Stage } from "./Stage";
import { usePendingMedia } from "./usePendingMedia";

const SIZES = "(min-width: 641px) 32rem, 100vw";

interface PostCardProps {
  id: string;
  eager?: boolean;
  /** Its place in the feed, for assistive technology: the page holds only what is near. */
  position?: number;
}

/** A post as in the feed: content first, no box around it. */
export const PostCard = memo(function PostCard({ id, eager, position }: PostCardProps) {
  const post = useStore((s) => s.posts[id]);
  useTopic(`post:${id}`);
  usePendingMedia(post);
  if (!post) return null;
  const comment = () => openOverlay({ is: "comments", postId: id });
  return (
    <article
      className={style.card}
      data-post={id}
      tabIndex={-1}
      aria-posinset={position}
      aria-setsize={position ? -1 : undefined}
      aria-label={m.common.byPost(post.user.full_name || post.user.username)}
    >
      <PostHeader post={post} />
      <div className={style.media}>
        <Stage post={post} sizes={SIZES} eager={eager} />
      </div>
      <div className={style.under}>
        <PostActions post={post} onComment={comment} />
        <Caption post={post} />
        {post.comments_count > 0 && (
          <button type="button" className={style.comments} onClick={comment}>
            {m.post.viewComments(post.comments_count)}
          </button>
        )}
      </div>
    </article>
  );
});
