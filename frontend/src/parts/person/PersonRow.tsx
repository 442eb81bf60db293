import type { ReactNode } from "react";
import { Link } from "wouter";
import type { User } from "@/app/types";
import { useStore } from "@/stores/store";
import { Avatar } from "@/ui/Avatar";
import { FollowButton } from "./FollowButton";
import { Verified } from "./Name";
import style from "./PersonRow.module.css";

interface PersonRowProps {
  username: string;
  /** Stands in for the follow button. */
  action?: ReactNode;
  note?: string;
  onGo?: () => void;
}

export function PersonRow({ username, action, note, onGo }: PersonRowProps) {
  const user = useStore((s): User | undefined => s.users[username]);
  if (!user) return null;
  return (
    <div className={style.row}>
      <Link href={`/u/${username}`} className={style.person} onClick={onGo}>
        <Avatar user={user} />
        <span className={style.words}>
          <span className={style.username}>
            <span>{username}</span>
            {user.is_verified && <Verified />}
          </span>
          <span className={style.full}>{note ?? user.full_name}</span>
        </span>
      </Link>
      {action ?? <FollowButton username={username} look="soft" />}
    </div>
  );
}
