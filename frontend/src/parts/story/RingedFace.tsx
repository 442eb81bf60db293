import { Link } from "wouter";
import { m } from "@/app/messages";
import { Avatar, type AvatarSize } from "@/ui/Avatar";
import { Ring } from "./Ring";
import style from "./Ring.module.css";
import { useRing } from "./useRing";

interface Person {
  user_id?: string;
  username: string;
  full_name: string;
  profile_picture: string | null;
}

interface FaceProps {
  user: Person;
  size?: AvatarSize;
}

/** A face with its ring, where something around it is the link. */
export function RingedFace({ user, size }: FaceProps) {
  const ring = useRing(user.user_id);
  return (
    <span className={style.face}>
      <Avatar user={user} size={size} />
      {ring.has_stories && <Ring unseen={ring.has_unseen} />}
    </span>
  );
}

/** Marks a step into the viewer from inside the app, so that leaving it leads back there. */
export const FROM_APP = { story: "app" };

/** A face that leads to its person's stories, and without any to the person. */
export function FaceLink({ user, size }: FaceProps) {
  const ring = useRing(user.user_id);
  if (!ring.has_stories) {
    return (
      <Link href={`/u/${user.username}`} className={style.face} aria-hidden="true" tabIndex={-1}>
        <Avatar user={user} size={size} />
      </Link>
    );
  }
  return (
    <Link
      href={`/stories/${user.username}`}
      state={FROM_APP}
      className={style.face}
      aria-label={m.stories.ring(user.username, ring.has_unseen)}
    >
      <Avatar user={user} size={size} />
      <Ring unseen={ring.has_unseen} />
    </Link>
  );
}
