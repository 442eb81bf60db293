import { Link } from "wouter";
import { m } from "@/app/messages";
import type { Hit } from "@/app/types";
import { useMe, useStore } from "@/stores/store";
import { Avatar } from "@/ui/Avatar";
import { TimeAgo } from "@/ui/TimeAgo";
import { Faces } from "./Faces";
import inbox from "./Inbox.module.css";
import { firstName, nameOf, titleOf } from "./names";
import style from "./Search.module.css";

interface HitRowProps {
  hit: Hit;
  /** One looks in this conversation alone, so that the row is about who said it. */
  within: boolean;
}

/** Something that was said, with the words that were looked for; leads there. */
export function HitRow({ hit, within }: HitRowProps) {
  const myId = useMe()?.user_id ?? "";
  const conversation = useStore((s) => s.talk.conversations[hit.conversation_id]);
  if (!conversation) return null;
  const own = hit.user.user_id === myId;
  const who = own ? m.talk.you : nameOf(hit.user);
  const named = !within && (own || conversation.kind === "group");
  return (
    <li>
      <Link
        href={`/messages/${hit.conversation_id}?at=${hit.message_id}`}
        className={inbox.row}
        data-hit={hit.message_id}
      >
        {within ? <Avatar user={hit.user} /> : <Faces conversation={conversation} myId={myId} />}
        <span className={inbox.words}>
          <span className={style.top}>
            <span className={style.who} dir="auto">
              {within ? who : titleOf(conversation, myId)}
            </span>
            <span className={style.when}>
              <TimeAgo iso={hit.created_at} />
            </span>
          </span>
          <span className={style.excerpt} dir="auto">
            {named && `${own ? m.talk.you : firstName(hit.user)}: `}
            {hit.excerpt.map((piece, place) =>
              piece.match ? (
                // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of a text stand where they stand.
                <mark key={place}>{piece.text}</mark>
              ) : (
                piece.text
              ),
            )}
          </span>
          {conversation.folder === "requests" && (
            <span className={style.note}>{m.talk.find.request}</span>
          )}
        </span>
      </Link>
    </li>
  );
}
