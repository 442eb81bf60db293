import { Bell, ChevronRight, SlidersHorizontal } from "lucide-react";
import { Fragment, useEffect, useState } from "react";
import { Link } from "wouter";
import { m } from "@/app/messages";
import { More } from "@/parts/More";
import { PushOffer } from "@/parts/PushSwitch";
import { useList } from "@/parts/useList";
import { markAllRead } from "@/stores/acts/notices";
import { sources } from "@/stores/acts/sources";
import { getState, useMe, useStore } from "@/stores/store";
import { Empty, Failure } from "@/ui/Empty";
import { PersonRowSkeleton } from "@/ui/Skeleton";
import { dayGroup } from "@/ui/time";
import { Notice } from "./Notice";
import style from "./Notifications.module.css";
import { Requests } from "./Requests";

const PLACES = [1, 2, 3, 4, 5, 6, 7];

/** Being here is reading: other devices lose their badge, while the dots stay until one leaves. */
function useReading(): Set<string> {
  const unread = useStore((s) => s.unread);
  const [marked, setMarked] = useState<Set<string>>(new Set());
  const notifications = useStore((s) => s.notifications);

  useEffect(() => {
    setMarked((before) => {
      const fresh = Object.values(notifications)
        .filter((one) => !one.is_read && !before.has(one.notification_id))
        .map((one) => one.notification_id);
      return fresh.length > 0 ? new Set([...before, ...fresh]) : before;
    });
  }, [notifications]);

  useEffect(() => {
    const read = () => {
      if (document.visibilityState === "visible" && unread > 0) void markAllRead();
    };
    read();
    document.addEventListener("visibilitychange", read);
    return () => document.removeEventListener("visibilitychange", read);
  }, [unread]);

  return marked;
}

export function NotificationsScreen() {
  const me = useMe();
  const list = useList(sources.notifications);
  const marked = useReading();
  const [requests, setRequests] = useState(false);
  const pending = me?.pending_follow_requests ?? 0;

  useEffect(() => {
    document.title = `${m.notifications.title} · ${m.app.name}`;
    window.scrollTo(0, 0);
  }, []);

  const now = Date.now();
  const groupOf = (id: string | undefined) => {
    const one = id ? getState().notifications[id] : undefined;
    return one ? dayGroup(one.updated_at, now) : null;
  };

  return (
    <div className={style.screen}>
      <header className={style.head}>
        <h1 className={style.title}>{m.notifications.title}</h1>
        <Link
          href="/settings/notifications"
          className={style.gear}
          aria-label={m.notify.settings}
          title={m.notify.settings}
        >
          <SlidersHorizontal size={20} aria-hidden />
        </Link>
      </header>
      {list.ids.length > 0 && <PushOffer />}
      {pending > 0 && (
        <button
          type="button"
          className={style.requests}
          aria-expanded={requests}
          onClick={() => setRequests(!requests)}
        >
          <span className={style.number}>{pending}</span>
          <span className={style.grow}>{m.notifications.requests}</span>
          <ChevronRight size={20} className={requests ? style.turned : undefined} aria-hidden />
        </button>
      )}
      {pending > 0 && requests && <Requests />}
      {list.first && PLACES.map((place) => <PersonRowSkeleton key={place} />)}
      {list.status === "failed" && list.ids.length === 0 && list.problem && (
        <Failure {...list.problem} onRetry={list.retry} />
      )}
      {list.status === "ready" && list.ids.length === 0 && (
        <Empty
          icon={<Bell size={30} />}
          title={m.notifications.empty}
          hint={m.notifications.emptyHint}
        />
      )}
      <ul>
        {list.ids.map((id, place) => {
          const group = groupOf(id);
          return (
            <Fragment key={id}>
              {group && group !== groupOf(list.ids[place - 1]) && (
                <li className={style.group}>
                  <h2>{m.notifications[group]}</h2>
                </li>
              )}
              <Notice id={id} marked={marked.has(id)} />
            </Fragment>
          );
        })}
      </ul>
      {list.ids.length > 0 && <More list={list} />}
    </div>
  );
}
