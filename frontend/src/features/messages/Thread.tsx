import { ArrowDown } from "lucide-react";
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from "react";
import { m } from "@/app/messages";
import type { Conversation, Message } from "@/app/types";
import { useList } from "@/parts/useList";
import { markRead } from "@/stores/acts/conversations";
import { sources } from "@/stores/acts/sources";
import { useStore } from "@/stores/store";
import { classes } from "@/ui/classes";
import { Failure } from "@/ui/Empty";
import { Waiting } from "@/ui/Spinner";
import { Beginning, ThreadSkeleton } from "./Beginning";
import { Bubble } from "./Bubble";
import type { Goal } from "./goal";
import { Lightbox } from "./Lightbox";
import { MessageMenu } from "./MessageMenu";
import { receiptOf } from "./names";
import { PhotoGrid } from "./PhotoGrid";
import { rowsOf } from "./rows";
import style from "./Thread.module.css";
import { TimeLine } from "./TimeLine";
import { Typists, useTypists } from "./Typists";
import { useBottom, useOlder } from "./useScroll";
import { useArrival, useNewer, useStretch } from "./useStretch";

interface ThreadProps {
  conversation: Conversation;
  myId: string;
  /** The message to show, in place of the newest. */
  goal: Goal | null;
  onGoal: (goal: Goal | null) => void;
  onReply: (message: Message) => void;
  onEdit: (message: Message) => void;
}

function useThread(id: string, myId: string, goal: Goal | null, onGoal: ThreadProps["onGoal"]) {
  const live = useList(sources.thread(id));
  const { stretch, arrive } = useStretch(id, live, goal, onGoal);
  const list = stretch ?? live;
  const messages = useStore((s) => s.talk.messages);
  const outgoing = useStore((s) => s.talk.outgoing);
  const rows = useMemo(() => {
    const shown = list.ids.flatMap((one) => messages[one] ?? []).reverse();
    const waiting = stretch ? [] : outgoing.filter((one) => one.conversationId === id);
    return rowsOf(shown, waiting, myId);
  }, [list.ids, stretch, messages, outgoing, id, myId]);
  const newest = live.ids[0] ? messages[live.ids[0]] : undefined;
  const sending = outgoing.some((one) => one.conversationId === id);
  return { list, rows, newest, sending, apart: stretch !== null, arrive };
}

/** Seen means shown: at the bottom of the open thread, in a window one looks at. */
function useReading(id: string, newest: Message | undefined, atBottom: boolean) {
  useEffect(() => {
    const read = () => {
      if (!newest || !atBottom || document.visibilityState !== "visible") return;
      void markRead(id, newest.message_id);
    };
    read();
    document.addEventListener("visibilitychange", read);
    return () => document.removeEventListener("visibilitychange", read);
  }, [id, newest, atBottom]);
}

/** Up and down walk from one message to the next. */
function onArrows(event: KeyboardEvent<HTMLElement>): void {
  const target = event.target as HTMLElement;
  if ((event.key !== "ArrowUp" && event.key !== "ArrowDown") || !target.dataset.message) return;
  const all = [...event.currentTarget.querySelectorAll<HTMLElement>("[data-message]")];
  const next = all[all.indexOf(target) + (event.key === "ArrowUp" ? -1 : 1)];
  if (!next) return;
  event.preventDefault();
  next.focus();
}

/**
 * What was said, the newest at the bottom. The scroller is reversed, so its place is counted from
 * the bottom: older pages grow upwards and move nothing that one looks at.
 */
export function Thread({ conversation, myId, goal, onGoal, onReply, onEdit }: ThreadProps) {
  const id = conversation.conversation_id;
  const scroller = useRef<HTMLDivElement>(null);
  const { list, rows, newest, sending, apart, arrive } = useThread(id, myId, goal, onGoal);
  const { atBottom: atEnd, below, toBottom } = useBottom(scroller, newest, sending, myId);
  const atBottom = atEnd && !apart;
  const top = useOlder(scroller, list);
  const bottom = useNewer(scroller, apart ? list : null, arrive);
  useArrival(scroller, goal, list.ids, apart, onGoal);
  const typists = useTypists(id);
  const [menu, setMenu] = useState<string | null>(null);
  const [photo, setPhoto] = useState<string | null>(null);
  useReading(id, newest, atBottom);
  const shared = {
    conversation,
    myId,
    onReply,
    onMenu: (message: Message) => setMenu(message.message_id),
    onPhoto: (message: Message) => setPhoto(message.message_id),
  };
  const receipt =
    newest?.user.user_id === myId && !sending && !apart
      ? receiptOf(conversation, myId, newest)
      : null;
  const lastKey = rows.at(-1)?.key;
  return (
    <div className={style.stage}>
      <div ref={scroller} className={classes(style.scroll, apart && style.apart)}>
        <div className={style.inner} role="log" aria-live="off" onKeyDown={onArrows}>
          <div ref={top} />
          {list.first && <ThreadSkeleton />}
          {list.status === "loading" && list.ids.length > 0 && list.hasMore && <Waiting />}
          {list.status === "failed" && list.problem && (
            <Failure {...list.problem} onRetry={list.retry} />
          )}
          {list.status === "ready" && !list.hasMore && (
            <Beginning conversation={conversation} myId={myId} />
          )}
          {rows.map((row) =>
            row.is === "time" ? (
              <TimeLine key={row.key} iso={row.at} />
            ) : row.is === "photos" ? (
              <PhotoGrid key={row.key} row={row} {...shared} />
            ) : (
              <Bubble key={row.key} row={row} newest={row.key === lastKey} {...shared} />
            ),
          )}
          {receipt && (
            <p className={style.receipt} data-receipt="">
              {receipt}
            </p>
          )}
          {!apart && <Typists names={typists} />}
          {apart && <div ref={bottom} />}
        </div>
      </div>
      {!atBottom && (
        <button
          type="button"
          className={style.pill}
          onClick={() => {
            onGoal(null);
            toBottom(apart);
          }}
          aria-label={m.talk.newest}
        >
          <ArrowDown size={18} aria-hidden />
          {below > 0 && <span>{m.talk.newBelow(below)}</span>}
        </button>
      )}
      {menu && (
        <MessageMenu
          id={menu}
          myId={myId}
          onReply={onReply}
          onEdit={onEdit}
          onClose={() => setMenu(null)}
        />
      )}
      {photo && (
        <Lightbox ids={list.ids} id={photo} onGo={setPhoto} onClose={() => setPhoto(null)} />
      )}
    </div>
  );
}
