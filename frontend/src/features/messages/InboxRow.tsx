import { memo, useRef } from "react";
import { Link } from "wouter";
import { m } from "@/app/messages";
import { Verified } from "@/parts/person/Name";
import { useInSight, usePresence } from "@/parts/person/presence";
import { useMe, useStore } from "@/stores/store";
import { classes } from "@/ui/classes";
import { TimeAgo } from "@/ui/TimeAgo";
import { Faces } from "./Faces";
import style from "./Inbox.module.css";
import { othersOf, partnerOf, previewOf, titleOf } from "./names";
import { Typists, useTypists } from "./Typists";

export const InboxRow = memo(function InboxRow({ id, on }: { id: string; on: boolean }) {
  const conversation = useStore((s) => s.talk.conversations[id]);
  const myId = useMe()?.user_id ?? "";
  const typists = useTypists(id);
  const outgoing = useStore((s) => s.talk.outgoing);
  const here = outgoing.filter((one) => one.conversationId === id);
  const row = useRef<HTMLLIElement>(null);
  const inSight = useInSight(row);
  const presence = usePresence(conversation && inSight ? partnerOf(conversation, myId) : null);
  if (!conversation) return null;
  const unread = conversation.unread > 0;
  // What is only on its way is there in a moment; what waits or failed is told.
  const unsent = (["failed", "waiting"] as const).find((state) =>
    here.some((one) => one.state === state),
  );
  const [other] = othersOf(conversation, myId);
  return (
    <li ref={row}>
      <Link
        href={`/messages/${id}`}
        className={classes(style.row, on && style.on, unread && style.unread)}
        aria-current={on ? "page" : undefined}
        data-conversation={id}
      >
        <Faces conversation={conversation} myId={myId} presence={presence} />
        <span className={style.words}>
          <span className={style.name} dir="auto">
            <span>{titleOf(conversation, myId)}</span>
            {conversation.kind === "direct" && other?.is_verified && <Verified />}
            {presence?.online && <span className="visually-hidden">{m.presence.now}</span>}
          </span>
          <span className={style.line}>
            {typists.length > 0 ? (
              <Typists names={typists} small />
            ) : unsent ? (
              <span className={classes(style.last, unsent === "failed" && style.failed)}>
                {m.talk.status[unsent]}
              </span>
            ) : (
              <span className={style.last} dir="auto">
                {previewOf(conversation, myId)}
              </span>
            )}
            {conversation.last_message && (
              <span className={style.when}>
                <TimeAgo iso={conversation.last_message.created_at} />
              </span>
            )}
          </span>
        </span>
        {unread && (
          <span className={style.dot}>
            <span className="visually-hidden">{m.talk.unread(conversation.unread)}</span>
          </span>
        )}
      </Link>
    </li>
  );
});
