import { Ellipsis, Settings } from "lucide-react";
import { Link } from "wouter";
import { m } from "@/app/messages";
import type { Profile } from "@/app/types";
import { FollowButton } from "@/parts/person/FollowButton";
import { MessageButton } from "@/parts/person/MessageButton";
import { Verified } from "@/parts/person/Name";
import { Present } from "@/parts/person/Present";
import { usePresence } from "@/parts/person/presence";
import { RichText } from "@/parts/RichText";
import { FaceLink } from "@/parts/story/RingedFace";
import { useStoriesOf } from "@/parts/story/useRing";
import { openOverlay } from "@/stores/acts/overlays";
import { answerRequest } from "@/stores/acts/people";
import { STRANGER } from "@/stores/state";
import { useStore } from "@/stores/store";
import { Button, IconButton } from "@/ui/Button";
import { Count } from "@/ui/Count";
import { Skeleton } from "@/ui/Skeleton";
import style from "./Profile.module.css";

function Counts({ profile, open }: { profile: Profile; open: boolean }) {
  const { username } = profile;
  const people = (which: "followers" | "following", count: number, word: string) => (
    <li>
      <button
        type="button"
        disabled={!open}
        onClick={() => openOverlay({ is: "people", username, which })}
      >
        <strong>
          <Count value={count} />
        </strong>{" "}
        {word}
      </button>
    </li>
  );
  return (
    <ul className={style.counts}>
      <li>
        <span>
          <strong>
            <Count value={profile.post_count} />
          </strong>{" "}
          {m.profile.posts(profile.post_count)}
        </span>
      </li>
      {people("followers", profile.follower_count, m.profile.followers(profile.follower_count))}
      {people("following", profile.following_count, m.profile.following)}
    </ul>
  );
}

export function ProfileHeader({ profile, own }: { profile: Profile; own: boolean }) {
  const { username } = profile;
  const relation = useStore((s) => s.relations[username] ?? STRANGER);
  useStoriesOf(username);
  const open =
    own || (!relation.blocked && (!profile.is_private || relation.status === "following"));
  const presence = usePresence(own || relation.blocked ? null : profile.user_id);
  return (
    <header className={style.header}>
      <div className={style.face}>
        <Present is={presence} size="huge">
          <FaceLink user={profile} size="huge" />
        </Present>
      </div>
      <div className={style.top}>
        <h1 className={style.username}>
          {username}
          {profile.is_verified && <Verified size={20} />}
          {presence?.online && <span className="visually-hidden">{m.presence.now}</span>}
        </h1>
      </div>
      <div className={style.acts}>
        {own ? (
          <>
            <Button size="small" wide onClick={() => openOverlay({ is: "profile-edit" })}>
              {m.profile.edit}
            </Button>
            <Link href="/settings" className={style.gear} aria-label={m.profile.settings}>
              <Settings size={22} strokeWidth={1.75} />
            </Link>
          </>
        ) : (
          <>
            <FollowButton username={username} wide />
            <MessageButton username={username} />
            <IconButton
              label={m.profile.options}
              aria-haspopup="dialog"
              onClick={() => openOverlay({ is: "profile-menu", username })}
            >
              <Ellipsis size={22} />
            </IconButton>
          </>
        )}
      </div>
      <Counts profile={profile} open={open} />
      <div className={style.about}>
        {profile.full_name && <p className={style.name}>{profile.full_name}</p>}
        {relation.followsMe && !own && <p className={style.chip}>{m.profile.followsYou}</p>}
        {profile.bio && (
          <p className={style.bio}>
            <RichText text={profile.bio} />
          </p>
        )}
      </div>
      {relation.asksMe && (
        <div className={style.asks}>
          <p>{m.profile.wantsToFollow(username)}</p>
          <Button look="primary" size="small" onClick={() => void answerRequest(username, true)}>
            {m.notifications.accept}
          </Button>
          <Button size="small" onClick={() => void answerRequest(username, false)}>
            {m.notifications.decline}
          </Button>
        </div>
      )}
    </header>
  );
}

export function ProfileHeaderSkeleton() {
  return (
    <div className={style.header}>
      <div className={style.face}>
        <Skeleton className={style.ghost} height="auto" round />
      </div>
      <div className={style.top}>
        <Skeleton width="10rem" height="1.25rem" />
      </div>
      <div className={style.counts}>
        <Skeleton width="14rem" height="0.875rem" />
      </div>
      <div className={style.about}>
        <Skeleton width="9rem" height="0.875rem" />
      </div>
    </div>
  );
}
