import { Ellipsis, Pause, Play, Repeat2, Star, Volume2, VolumeX, X } from "lucide-react";
import { Link } from "wouter";
import { m } from "@/app/messages";
import type { Story, User } from "@/app/types";
import { Verified } from "@/parts/person/Name";
import { openOverlay } from "@/stores/acts/overlays";
import { Avatar } from "@/ui/Avatar";
import { IconButton } from "@/ui/Button";
import { TimeAgo } from "@/ui/TimeAgo";
import style from "./Pane.module.css";
import { setSound, useSound } from "./sound";

interface HeadProps {
  user: User;
  own: boolean;
  story: Story | undefined;
  paused: boolean;
  onPause: () => void;
  onClose: () => void;
}

/** Whose it is, since when, for whom; and what stops it. */
export function Head({ user, own, story, paused, onPause, onClose }: HeadProps) {
  const sound = useSound();
  return (
    <header className={style.head}>
      <Link href={`/u/${user.username}`} className={style.who}>
        <Avatar user={user} size="small" />
        <span className={style.words}>
          <span className={style.name}>
            <span>{own ? m.stories.own : user.username}</span>
            {user.is_verified && <Verified />}
            {story && (
              <span className={style.when}>
                <TimeAgo iso={story.created_at} />
              </span>
            )}
          </span>
          {story?.reposted_from && (
            <span className={style.from}>
              <Repeat2 size={12} aria-hidden />{" "}
              {m.stories.repostOf(story.reposted_from.user.username)}
            </span>
          )}
        </span>
      </Link>
      {story && <For audience={story.audience} own={own} />}
      <IconButton label={paused ? m.stories.play : m.stories.pause} onClick={onPause}>
        {paused ? (
          <Play size={20} fill="currentColor" />
        ) : (
          <Pause size={20} fill="currentColor" strokeWidth={0} />
        )}
      </IconButton>
      {story?.media_type === "video" && (
        <IconButton
          label={sound ? m.stories.mute : m.stories.unmute}
          onClick={() => setSound(!sound)}
        >
          {sound ? <Volume2 size={20} /> : <VolumeX size={20} />}
        </IconButton>
      )}
      {story && (
        <IconButton
          label={m.stories.options}
          aria-haspopup="dialog"
          onClick={() => openOverlay({ is: "story-menu", storyId: story.story_id })}
        >
          <Ellipsis size={22} />
        </IconButton>
      )}
      <IconButton label={m.common.close} className={style.close} onClick={onClose}>
        <X size={24} />
      </IconButton>
    </header>
  );
}

function For({ audience, own }: { audience: string; own: boolean }) {
  if (audience === "close_friends") {
    return (
      <span className={style.close_friends}>
        <Star size={11} fill="currentColor" strokeWidth={0} aria-hidden />
        {m.stories.audiences.close_friends}
      </span>
    );
  }
  if (!own) return null;
  const words =
    audience === "public"
      ? m.stories.audiences.public
      : audience === "followers"
        ? m.stories.audiences.followers
        : m.stories.audiences.list;
  return <span className={style.audience}>{words}</span>;
}
