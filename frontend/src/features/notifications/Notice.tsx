import { Send } from "lucide-react";
import { memo } from "react";
import { Link } from "wouter";
import { m } from "@/app/messages";
import type { Notification } from "@/app/types";
import { FollowButton } from "@/parts/person/FollowButton";
import { Name } from "@/parts/person/Name";
import { FROM_APP } from "@/parts/story/RingedFace";
import { answerRequest } from "@/stores/acts/people";
import { useMe, useStore } from "@/stores/store";
import { Avatar } from "@/ui/Avatar";
import { Button } from "@/ui/Button";
import { classes } from "@/ui/classes";
import { Photo } from "@/ui/Photo";
import { TimeAgo } from "@/ui/TimeAgo";
import style from "./Notifications.module.css";

const QUOTE_MAX = 90;

function short(text: string): string {
  const letters = [...text];
  return letters.length > QUOTE_MAX ? `${letters.slice(0, QUOTE_MAX).join("")}…` : text;
}

/** "ana, ben and 12 others": by name as far as the names were given. */
function Actors({ notice }: { notice: Notification }) {
  const [first, second] = notice.actors;
  if (!first) return null;
  const others = notice.actor_count - (second ? 2 : 1);
  return (
    <>
      <Name user={first} />
      {second && (
        <>
          {others > 0 ? ", " : ` ${m.notifications.and} `}
          <Name user={second} />
        </>
      )}
      {others > 0 && (
        <>
          {" "}
          {m.notifications.and} {m.notifications.others(others)}
        </>
      )}
    </>
  );
}

function Faces({ notice }: { notice: Notification }) {
  const [first, second] = notice.actors;
  if (!first) return null;
  return (
    <Link
      href={`/u/${first.username}`}
      className={classes(style.faces, second && style.two)}
      aria-hidden="true"
      tabIndex={-1}
    >
      {second && <Avatar user={second} size="small" />}
      <Avatar user={first} size={second ? "small" : "normal"} />
    </Link>
  );
}

function Answer({ username }: { username: string }) {
  const asks = useStore((s) => s.relations[username]?.asksMe !== false);
  const mine = useStore((s) => s.relations[username]?.followsMe === true);
  if (!asks || mine) return <FollowButton username={username} />;
  return (
    <div className={style.answers}>
      <Button size="small" look="primary" onClick={() => void answerRequest(username, true)}>
        {m.notifications.accept}
      </Button>
      <Button size="small" onClick={() => void answerRequest(username, false)}>
        {m.notifications.decline}
      </Button>
    </div>
  );
}

function Aside({ notice }: { notice: Notification }) {
  const actor = notice.actors[0];
  if (notice.post) {
    return (
      <Link href={`/p/${notice.post.post_id}`} className={style.thumb} aria-label={m.post.goToPost}>
        <Photo
          url={notice.post.thumbnail}
          sources={[]}
          thumbhash={notice.post.thumbhash}
          alt=""
          sizes="3rem"
        />
      </Link>
    );
  }
  if (notice.story) return <StoryThumb notice={notice} story={notice.story} />;
  if (!actor) return null;
  if (notice.conversation_id) {
    return (
      <Link
        href={`/messages/${notice.conversation_id}`}
        className={style.go}
        aria-label={m.notify.open}
      >
        <Send size={20} aria-hidden />
      </Link>
    );
  }
  if (notice.kind === "follow_request") return <Answer username={actor.username} />;
  if (notice.kind === "follow") return <FollowButton username={actor.username} />;
  return null;
}

/** Leads to the story while it lives; afterwards there is nothing to be led to. */
function StoryThumb(props: { notice: Notification; story: NonNullable<Notification["story"]> }) {
  const { notice, story } = props;
  const me = useMe();
  const author =
    story.user_id === me?.user_id
      ? me
      : notice.actors.find((actor) => actor.user_id === story.user_id);
  if (!story.is_live || !author) return <span className={style.over}>{m.stories.expired}</span>;
  return (
    <>
      {notice.kind === "story_mention" && (
        <Link href={`/stories/new?again=${story.story_id}`} className={style.again}>
          {m.stories.repost}
        </Link>
      )}
      <Link
        href={`/stories/${author.username}/${story.story_id}`}
        state={FROM_APP}
        className={style.thumb}
        aria-label={m.stories.open}
      >
        <Photo url={story.thumbnail} sources={[]} thumbhash={story.thumbhash} alt="" sizes="3rem" />
      </Link>
    </>
  );
}

export const Notice = memo(function Notice({ id, marked }: { id: string; marked: boolean }) {
  const notice = useStore((s) => s.notifications[id]);
  if (!notice) return null;
  return (
    <li className={classes(style.notice, marked && style.marked)}>
      {marked && <span className="visually-hidden">{m.notifications.unread}</span>}
      <Faces notice={notice} />
      <p className={style.words}>
        <Actors notice={notice} /> {m.notifications.kinds[notice.kind]}{" "}
        {notice.comment && <span>{short(notice.comment.text)} </span>}
        <span className={style.when}>
          <TimeAgo iso={notice.updated_at} />
        </span>
      </p>
      <Aside notice={notice} />
    </li>
  );
});
