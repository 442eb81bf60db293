import { Clock, ImageOff } from "lucide-react";
import { Link } from "wouter";
import { m } from "@/app/messages";
import type { StoryQuote } from "@/app/types";
import { FROM_APP } from "@/parts/story/RingedFace";
import { Avatar } from "@/ui/Avatar";
import { Photo } from "@/ui/Photo";
import { firstName } from "./names";
import style from "./StoryCard.module.css";

interface StoryCardProps {
  story: StoryQuote;
  own: boolean;
  myId: string;
}

/** The story that a message answers or sends on: its picture while it lives, then a word. */
export function StoryCard({ story, own, myId }: StoryCardProps) {
  const { user, kind, state } = story;
  const said =
    kind === "share" || !user
      ? null
      : user.user_id === myId
        ? m.stories.repliedOwn
        : own
          ? m.stories.youReplied(firstName(user))
          : m.stories.repliedTo(firstName(user));
  return (
    <span className={style.about}>
      {said && <span className={style.said}>{said}</span>}
      {state === "live" && user ? (
        <Link
          href={`/stories/${user.username}/${story.story_id}`}
          state={FROM_APP}
          className={style.card}
          data-kind={kind}
          aria-label={m.stories.by(user.username)}
        >
          <Photo
            url={story.thumbnail ?? null}
            sources={[]}
            thumbhash={story.thumbhash ?? null}
            alt=""
            sizes="9rem"
          />
          {kind === "share" && (
            <span className={style.head}>
              <Avatar user={user} size="tiny" />
              <strong>{user.username}</strong>
            </span>
          )}
        </Link>
      ) : (
        <span className={style.gone}>
          {state === "expired" ? (
            <Clock size={16} aria-hidden />
          ) : (
            <ImageOff size={16} aria-hidden />
          )}
          {state === "expired" ? m.stories.expired : m.stories.unavailable}
        </span>
      )}
    </span>
  );
}
