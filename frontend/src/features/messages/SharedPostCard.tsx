import { ImageOff } from "lucide-react";
import { Link } from "wouter";
import { m } from "@/app/messages";
import type { SharedPost } from "@/app/types";
import { Avatar } from "@/ui/Avatar";
import { Photo } from "@/ui/Photo";
import style from "./Media.module.css";

/** A post somebody sent, as a card that leads to it. */
export function SharedPostCard({ post }: { post: SharedPost }) {
  if (post.unavailable || !post.post_id || !post.user) {
    return (
      <span className={style.gone}>
        <ImageOff size={18} aria-hidden /> {m.talk.postGone}
      </span>
    );
  }
  const { user } = post;
  return (
    <Link
      href={`/p/${post.post_id}`}
      className={style.card}
      aria-label={m.common.byPost(user.username)}
    >
      <span className={style.cardHead}>
        <Avatar user={user} size="tiny" />
        <strong>{user.username}</strong>
      </span>
      <span className={style.cardPhoto}>
        <Photo
          url={post.thumbnail ?? null}
          sources={[]}
          thumbhash={post.thumbhash ?? null}
          alt=""
          sizes="15rem"
        />
      </span>
      {post.caption && (
        <span className={style.cardText} dir="auto">
          {post.caption}
        </span>
      )}
    </Link>
  );
}
