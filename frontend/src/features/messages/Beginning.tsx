import { Link } from "wouter";
import { m } from "@/app/messages";
import type { Conversation } from "@/app/types";
import { Avatar } from "@/ui/Avatar";
import { Skeleton } from "@/ui/Skeleton";
import { Faces } from "./Faces";
import { nameOf, othersOf, titleOf } from "./names";
import style from "./Thread.module.css";

/** Where nothing older is: whom one talks with. */
export function Beginning({ conversation, myId }: { conversation: Conversation; myId: string }) {
  const [other] = othersOf(conversation, myId);
  if (conversation.kind === "direct" && other) {
    return (
      <div className={style.beginning}>
        <Avatar user={other} size="large" />
        <p className={style.beginningName}>{nameOf(other)}</p>
        <p className={style.sub}>{m.talk.beginning(nameOf(other))}</p>
        <Link href={`/u/${other.username}`} className={style.link}>
          {m.talk.group.profile}
        </Link>
      </div>
    );
  }
  return (
    <div className={style.beginning}>
      <Faces conversation={conversation} myId={myId} />
      <p className={style.beginningName}>{titleOf(conversation, myId)}</p>
      <p className={style.sub}>{m.talk.beginningGroup}</p>
    </div>
  );
}

const GHOSTS = ["9rem", "14rem", "11rem", "7rem", "13rem"];

export function ThreadSkeleton() {
  return (
    <div className={style.ghosts} role="status" aria-label={m.common.loading}>
      {GHOSTS.map((width, place) => (
        <span key={width} className={place % 2 ? style.ghostOwn : undefined}>
          <Skeleton width={width} height="2.25rem" className={style.ghost} />
        </span>
      ))}
    </div>
  );
}
