import { useLocation } from "wouter";
import { m } from "@/app/messages";
import type { UserRow } from "@/app/types";
import { begin } from "@/stores/acts/conversations";
import { Avatar } from "@/ui/Avatar";
import inbox from "./Inbox.module.css";
import { nameOf } from "./names";
import style from "./Search.module.css";

/** Somebody one could write to. */
export function PersonHit({ user }: { user: UserRow }) {
  const [, navigate] = useLocation();
  async function open() {
    const id = await begin([user.username], null);
    if (id) navigate(`/messages/${id}`);
  }
  return (
    <li className={style.person}>
      <button
        type="button"
        className={inbox.row}
        data-hit={user.username}
        aria-label={m.talk.find.writeTo(nameOf(user))}
        onClick={() => void open()}
      >
        <Avatar user={user} />
        <span className={inbox.words}>
          <span className={inbox.name} dir="auto">
            <span>{nameOf(user)}</span>
          </span>
          <span className={inbox.last}>{user.username}</span>
        </span>
      </button>
    </li>
  );
}
