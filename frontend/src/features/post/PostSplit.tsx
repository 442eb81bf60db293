import { type CSSProperties, useRef } from "react";
import type { Post } from "@/app/types";
import { Conversation } from "@/parts/comment/Conversation";
import { Caption } from "@/parts/post/Caption";
import { PostActions } from "@/parts/post/PostActions";
import { PostHeader } from "@/parts/post/PostHeader";
import { Stage } from "@/parts/post/Stage";
import { frameRatio } from "@/parts/post/shape";
import { toggleLiked } from "@/stores/acts/posts";
import { Avatar } from "@/ui/Avatar";
import { useShortcuts } from "@/ui/shortcuts";
import style from "./Post.module.css";

const SIZES = "(min-width: 960px) 40rem, 100vw";

export function PostSplit({ post }: { post: Post }) {
  const ratio = frameRatio(post.media[0]);
  const side = useRef<HTMLElement>(null);
  const write = () => side.current?.querySelector("textarea")?.focus();
  useShortcuts({ l: () => toggleLiked(post.post_id), c: write });
  return (
    <Conversation postId={post.post_id}>
      {(thread, form) => (
        <article className={style.split} style={{ "--ratio": ratio } as CSSProperties}>
          <div className={style.media}>
            <Stage post={post} sizes={SIZES} eager fill />
          </div>
          <section ref={side} className={style.side}>
            <div className={style.header}>
              <PostHeader post={post} />
            </div>
            <div className={style.talk}>
              {post.caption && (
                <div className={style.caption}>
                  <Avatar user={post.user} size="small" />
                  <Caption post={post} whole />
                </div>
              )}
              {thread}
            </div>
            <div className={style.acts}>
              <PostActions post={post} onComment={write} />
            </div>
            <div className={style.form}>{form}</div>
          </section>
        </article>
      )}
    </Conversation>
  );
}
