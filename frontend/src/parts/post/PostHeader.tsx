import { Ellipsis, MapPin } from "lucide-react";
import { Link } from "wouter";
import { m } from "@/app/messages";
import type { Post } from "@/app/types";
import { Name } from "@/parts/person/Name";
import { FaceLink } from "@/parts/story/RingedFace";
import { openOverlay } from "@/stores/acts/overlays";
import { IconButton } from "@/ui/Button";
import { TimeAgo } from "@/ui/TimeAgo";
import style from "./PostCard.module.css";

export function PostHeader({ post }: { post: Post }) {
  const { user, location, created_at, post_id, edited_at } = post;
  return (
    <header className={style.header}>
      <FaceLink user={user} size="small" />
      <div className={style.who}>
        <div className={style.line}>
          <Name user={user} />
          <span className={style.when}>
            <Link href={`/p/${post_id}`}>
              <TimeAgo iso={created_at} />
            </Link>
            {edited_at && <span> · {m.post.edited}</span>}
          </span>
        </div>
        {location && (
          <span className={style.place}>
            <MapPin size={12} aria-hidden /> <span>{location.name}</span>
          </span>
        )}
      </div>
      <IconButton
        label={m.post.options}
        aria-haspopup="dialog"
        onClick={() => openOverlay({ is: "post-menu", postId: post_id })}
      >
        <Ellipsis size={20} />
      </IconButton>
    </header>
  );
}
