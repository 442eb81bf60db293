import { BadgeCheck } from "lucide-react";
import { Link } from "wouter";
import { m } from "@/app/messages";
import type { User } from "@/app/types";
import style from "./Name.module.css";

export function Verified({ size = 14 }: { size?: number }) {
  return (
    <BadgeCheck size={size} className={style.verified} role="img" aria-label={m.common.verified} />
  );
}

/** A username that leads to its person. */
export function Name({ user }: { user: User }) {
  return (
    <Link href={`/u/${user.username}`} className={style.name}>
      <span>{user.username}</span>
      {user.is_verified && <Verified />}
    </Link>
  );
}
