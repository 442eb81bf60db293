import { CircleAlert } from "lucide-react";
import { memo, useState } from "react";
import { Link } from "wouter";
import { m } from "@/app/messages";
import type { Conversation, Message } from "@/app/types";
import { RichText } from "@/parts/RichText";
import { toggleReaction } from "@/stores/acts/messages";
import { discardOutgoing, resend } from "@/stores/acts/outgoing";
import type { Outgoing } from "@/stores/talk/state";
import { Avatar } from "@/ui/Avatar";
import { classes } from "@/ui/classes";
import { RequestId } from "@/ui/Empty";
import style from "./Bubble.module.css";
import media from "./Media.module.css";
import { nameOf } from "./names";
import { PhotoCell } from "./PhotoCell";
import { QuoteBlock } from "./QuoteBlock";
import { HEART, Reactions } from "./Reactions";
import { isEmoji, type Row } from "./rows";
import { SharedPostCard } from "./SharedPostCard";
import { StoryCard } from "./StoryCard";
import { Tools } from "./Tools";
import { useHold } from "./useHold";

export interface InThread {
  conversation: Conversation;
  myId: string;
  onReply: (message: Message) => void;
  onMenu: (message: Message) => void;
  onPhoto: (message: Message) => void;
}

/** What became of a message that the server doesn't have yet. */
export function Fate({ outgoing }: { outgoing: Outgoing }) {
  const { key, state, percent, photo, problem } = outgoing;
  if (state === "failed") {
    return (
      <div className={style.failed} role="alert">
        <CircleAlert size={14} aria-hidden />
        <span>{problem?.text ?? m.talk.status.failed}</span>
        <button type="button" onClick={() => resend(key)}>
          {m.talk.retry}
        </button>
        <button type="button" onClick={() => discardOutgoing(key)}>
          {m.talk.discard}
        </button>
        <RequestId id={problem?.requestId ?? null} />
      </div>
    );
  }
  const uploading = photo !== null && percent > 0 && percent < 100;
  const words = uploading ? m.talk.status.uploading(Math.round(percent)) : m.talk.status.sending;
  return <p className={style.fate}>{state === "waiting" ? m.talk.status.waiting : words}</p>;
}

type Said = Extract<Row, { is: "said" }>;
type BubbleProps = InThread & { row: Said; newest: boolean };

export const Bubble = memo(
  function Bubble({ row, newest, ...thread }: BubbleProps) {
    const { conversation, myId, onReply, onMenu } = thread;
    const { item, first, last } = row;
    const { message, outgoing, own } = item;
    const [arrived] = useState(newest);
    const text = message?.text ?? outgoing?.text ?? "";
    const post = message?.post ?? outgoing?.post ?? null;
    const quote = message?.reply_to ?? outgoing?.replyTo ?? null;
    const hasPhoto = message ? message.media !== null : outgoing?.photo != null;
    const story = message?.story ?? null;
    const large = isEmoji(text) && !post && !story && !hasPhoto;
    const hold = useHold({
      onHold: () => message && onMenu(message),
      onTwice: () => message && toggleReaction(message.message_id, HEART),
    });
    const author = message?.user;
    return (
      <div
        className={classes(
          style.row,
          own && style.own,
          first && style.first,
          last && style.last,
          arrived && style.arrived,
        )}
      >
        {!own && (
          <span className={style.face}>
            {last && author && (
              <Link href={`/u/${author.username}`} aria-label={nameOf(author)} tabIndex={-1}>
                <Avatar user={author} size="tiny" />
              </Link>
            )}
          </span>
        )}
        <div className={style.stack}>
          {!own && first && conversation.kind === "group" && author && (
            <span className={style.author}>{nameOf(author)}</span>
          )}
          {quote && <QuoteBlock quote={quote} myId={myId} own={own} author={author} />}
          <div className={style.beside}>
            <div
              className={style.said}
              data-message={item.key}
              data-id={message?.message_id}
              tabIndex={newest ? 0 : -1}
              aria-busy={outgoing ? outgoing.state !== "failed" : undefined}
              {...hold}
            >
              <span className="visually-hidden">
                {own ? m.talk.you : author && nameOf(author)}:{" "}
              </span>
              {post && <SharedPostCard post={post} />}
              {story && <StoryCard story={story} own={own} myId={myId} />}
              {hasPhoto && (
                <span className={media.single}>
                  <PhotoCell item={item} onPhoto={thread.onPhoto} alone />
                </span>
              )}
              {text && (
                <p className={large ? style.large : style.bubble} dir="auto">
                  {large ? text : <RichText text={text} />}
                </p>
              )}
            </div>
            {message && <Tools message={message} onReply={onReply} onMenu={onMenu} />}
          </div>
          {message && <Reactions message={message} conversation={conversation} myId={myId} />}
          {message?.edited_at && <span className={style.note}>{m.talk.edited}</span>}
          {outgoing && (last || outgoing.state === "failed") && <Fate outgoing={outgoing} />}
        </div>
      </div>
    );
  },
  (a, b) =>
    a.row.item.message === b.row.item.message &&
    a.row.item.outgoing === b.row.item.outgoing &&
    a.row.first === b.row.first &&
    a.row.last === b.row.last &&
    a.newest === b.newest &&
    a.conversation.members === b.conversation.members,
);
