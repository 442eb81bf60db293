import { ChevronLeft, ChevronRight, MailQuestion, MessagesSquare, SquarePen } from "lucide-react";
import { type KeyboardEvent, memo, useRef } from "react";
import { Link, useLocation } from "wouter";
import { m } from "@/app/messages";
import { More } from "@/parts/More";
import { Verified } from "@/parts/person/Name";
import { useInSight, usePresence } from "@/parts/person/presence";
import { useList } from "@/parts/useList";
import { openOverlay } from "@/stores/acts/overlays";
import { sources } from "@/stores/acts/sources";
import { useMe, useStore } from "@/stores/store";
import { Button, IconButton } from "@/ui/Button";
import { classes } from "@/ui/classes";
import { Empty, Failure } from "@/ui/Empty";
import { PersonRowSkeleton } from "@/ui/Skeleton";
import { TimeAgo } from "@/ui/TimeAgo";
import { Faces } from "./Faces";
import style from "./Inbox.module.css";
import { othersOf, partnerOf, previewOf, titleOf } from "./names";
import { Typists, useTypists } from "./Typists";

const PLACES = [1, 2, 3, 4, 5, 6, 7];

const InboxRow = memo(function InboxRow({ id, on }: { id: string; on: boolean }) {
  const conversation = useStore((s) => s.talk.conversations[id]);
  const myId = useMe()?.user_id ?? "";
  const typists = useTypists(id);
  const row = useRef<HTMLLIElement>(null);
  const inSight = useInSight(row);
  const presence = usePresence(conversation && inSight ? partnerOf(conversation, myId) : null);
  if (!conversation) return null;
  const unread = conversation.unread > 0;
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

/** Up and down walk along the conversations. */
function onArrows(event: KeyboardEvent<HTMLElement>): void {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>("a[data-conversation]")];
  const at = rows.indexOf(document.activeElement as HTMLElement);
  const next = rows[at + (event.key === "ArrowDown" ? 1 : -1)];
  if (!next) return;
  event.preventDefault();
  next.focus();
}

function Head({ requests, beside }: { requests: boolean; beside: boolean }) {
  const [, navigate] = useLocation();
  // The page is about the thread, once one is open.
  const Title = beside ? "h2" : "h1";
  return (
    <header className={style.head}>
      <IconButton
        label={m.common.back}
        className={classes(style.back, requests && style.always)}
        onClick={() => navigate(requests ? "/messages" : "/")}
      >
        <ChevronLeft size={26} />
      </IconButton>
      <Title className={style.title}>{requests ? m.talk.requests.title : m.talk.title}</Title>
      {!requests && (
        <IconButton label={m.talk.new} onClick={() => openOverlay({ is: "new-message" })}>
          <SquarePen size={22} />
        </IconButton>
      )}
    </header>
  );
}

interface InboxProps {
  open: string | null;
  requests: boolean;
}

/** The conversations, or those that wait to be accepted. */
export function Inbox({ open, requests }: InboxProps) {
  const list = useList(requests ? sources.messageRequests : sources.inbox);
  const waiting = useStore((s) => s.talk.requests);
  const isEmpty = list.status === "ready" && list.ids.length === 0;
  return (
    <section className={style.pane} aria-label={requests ? m.talk.requests.title : m.talk.inbox}>
      <Head requests={requests} beside={open !== null} />
      <div className={style.scroll}>
        {!requests && waiting > 0 && (
          <Link href="/messages/requests" className={style.asking}>
            <span className={style.number}>{waiting}</span>
            <span className={style.words}>
              <span className={style.name}>{m.talk.requests.row}</span>
              <span className={style.last}>{m.talk.requests.count(waiting)}</span>
            </span>
            <ChevronRight size={20} aria-hidden />
          </Link>
        )}
        {list.first && PLACES.map((place) => <PersonRowSkeleton key={place} />)}
        {list.status === "failed" && list.ids.length === 0 && list.problem && (
          <Failure {...list.problem} onRetry={list.retry} />
        )}
        {isEmpty && requests && (
          <Empty
            icon={<MailQuestion size={30} />}
            title={m.talk.requests.empty}
            hint={m.talk.requests.emptyHint}
          />
        )}
        {isEmpty && !requests && (
          <Empty icon={<MessagesSquare size={30} />} title={m.talk.empty} hint={m.talk.emptyHint}>
            <Button look="primary" onClick={() => openOverlay({ is: "new-message" })}>
              {m.talk.new}
            </Button>
          </Empty>
        )}
        <ul onKeyDown={onArrows}>
          {list.ids.map((id) => (
            <InboxRow key={id} id={id} on={id === open} />
          ))}
        </ul>
        {list.ids.length > 0 && <More list={list} />}
      </div>
    </section>
  );
}
