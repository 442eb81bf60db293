import { ChevronLeft, ChevronRight, MailQuestion, MessagesSquare, SquarePen } from "lucide-react";
import { type KeyboardEvent, useRef } from "react";
import { Link, useLocation } from "wouter";
import { m } from "@/app/messages";
import { More } from "@/parts/More";
import { useList } from "@/parts/useList";
import { openOverlay } from "@/stores/acts/overlays";
import { sources } from "@/stores/acts/sources";
import { useStore } from "@/stores/store";
import { Button, IconButton } from "@/ui/Button";
import { classes } from "@/ui/classes";
import { Empty, Failure } from "@/ui/Empty";
import { PersonRowSkeleton } from "@/ui/Skeleton";
import { Found } from "./Found";
import style from "./Inbox.module.css";
import { InboxRow } from "./InboxRow";
import { SearchField } from "./SearchField";
import type { Sought } from "./sought";

const PLACES = [1, 2, 3, 4, 5, 6, 7];

const ROWS = "[data-conversation], [data-hit]";

/** Up and down walk along the conversations, and above the first one stands the field. */
function onArrows(event: KeyboardEvent<HTMLElement>): void {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>(ROWS)];
  const at = rows.indexOf(document.activeElement as HTMLElement);
  const field = event.currentTarget.parentElement?.querySelector<HTMLElement>("search input");
  const next =
    at === 0 && event.key === "ArrowUp" ? field : rows[at + (event.key === "ArrowDown" ? 1 : -1)];
  if (!next) return;
  event.preventDefault();
  next.focus();
}

interface HeadProps {
  requests: boolean;
  beside: boolean;
  /** Where one came from to look for something in it. */
  within: string | null;
}

function Head({ requests, beside, within }: HeadProps) {
  const [, navigate] = useLocation();
  // The page is about the thread, once one is open.
  const Title = beside ? "h2" : "h1";
  return (
    <header className={style.head}>
      <IconButton
        label={m.common.back}
        className={classes(style.back, requests && style.always)}
        onClick={() => navigate(within ? `/messages/${within}` : requests ? "/messages" : "/")}
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
  sought: Sought;
  onSeek: (sought: Sought) => void;
}

/** The conversations, or those that wait to be accepted; what is found, while one looks. */
export function Inbox({ open, requests, sought, onSeek }: InboxProps) {
  const scroll = useRef<HTMLDivElement>(null);
  const seeking = !requests && (sought.words.trim() !== "" || sought.within !== null);
  /** Enter was pressed on these words before all that they find was there. */
  const eager = useRef<string | null>(null);
  const first = () => scroll.current?.querySelector<HTMLElement>(ROWS);
  const toFirst = (go: boolean) => {
    // What stands there while one types is of the words before.
    const stale = scroll.current?.querySelector("[aria-busy=true]");
    if (!go) first()?.focus();
    else if (stale) eager.current = sought.words;
    else if (seeking) first()?.click();
  };
  const settled = (words: string) => {
    if (eager.current === words) first()?.click();
    eager.current = null;
  };
  return (
    <section className={style.pane} aria-label={requests ? m.talk.requests.title : m.talk.inbox}>
      <Head requests={requests} beside={open !== null} within={sought.within} />
      {!requests && <SearchField sought={sought} onSeek={onSeek} onFirst={toFirst} />}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: arrows only walk along the links in it. */}
      <div ref={scroll} className={style.scroll} onKeyDown={onArrows}>
        {seeking ? (
          <Found sought={sought} open={open} onSettled={settled} />
        ) : (
          <Conversations open={open} requests={requests} />
        )}
      </div>
    </section>
  );
}

function Conversations({ open, requests }: Pick<InboxProps, "open" | "requests">) {
  const list = useList(requests ? sources.messageRequests : sources.inbox);
  const waiting = useStore((s) => s.talk.requests);
  const isEmpty = list.status === "ready" && list.ids.length === 0;
  return (
    <>
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
      <ul>
        {list.ids.map((id) => (
          <InboxRow key={id} id={id} on={id === open} />
        ))}
      </ul>
      {list.ids.length > 0 && <More list={list} />}
    </>
  );
}
