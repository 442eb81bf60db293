import { UserRound } from "lucide-react";
import { useState } from "react";
import { Link } from "wouter";
import { m } from "@/app/messages";
import type { Media, Post } from "@/app/types";
import { FailedMedium } from "@/parts/picture/FailedMedium";
import { refetch } from "@/stores/acts/posts";
import { useMe } from "@/stores/store";
import { IconButton } from "@/ui/Button";
import { Photo } from "@/ui/Photo";
import { Video } from "@/ui/Video";
import style from "./Stage.module.css";

interface SlideProps {
  item: Media;
  post: Post;
  sizes: string;
  position?: string;
  near: boolean;
  eager?: boolean;
  whole: boolean;
  preview?: string;
  onBroken: () => void;
}

const percent = (part: number) => `${Math.min(92, Math.max(8, part * 100))}%`;

/** One photo or video of a post, with the people marked in it. */
export function Slide(props: SlideProps) {
  const { item, post, sizes, position, near, eager, whole, preview, onBroken } = props;
  const [people, setPeople] = useState(false);
  const own = useMe()?.user_id === post.user.user_id;
  const failed = item.status === "failed";
  const film = item.type === "video" && item.status === undefined ? item.url : null;
  const tags = item.tags ?? [];
  const alt = item.alt_text || m.post.photo(post.user.full_name || post.user.username);
  return (
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: the label is there only with the role.
    <div className={style.slide} role={position ? "group" : undefined} aria-label={position}>
      {film && near && <Video url={film} poster={item.poster} alt={alt} onBroken={onBroken} />}
      {!film && (near || preview) && (
        <Photo
          url={item.url}
          sources={item.sources}
          thumbhash={item.thumbhash}
          alt={alt}
          sizes={sizes}
          eager={eager}
          whole={whole}
          preview={preview}
          onBroken={onBroken}
        />
      )}
      {failed && (
        <FailedMedium
          media={item}
          words={m.post.mediaFailed}
          own={own}
          onAsk={() => refetch(post.post_id)}
        />
      )}
      {tags.length > 0 && (
        <IconButton
          label={m.post.tagged}
          over="media"
          className={style.people}
          aria-expanded={people}
          onClick={() => setPeople(!people)}
        >
          <UserRound size={14} fill="currentColor" />
        </IconButton>
      )}
      {people &&
        tags.map((tag) => (
          <Link
            key={tag.username}
            href={`/u/${tag.username}`}
            className={style.tag}
            style={{ left: percent(tag.x), top: percent(tag.y) }}
          >
            {tag.username}
          </Link>
        ))}
    </div>
  );
}
