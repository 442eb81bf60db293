import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { CircleCheck } from "lucide-react";
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { m } from "@/app/messages";
import { More } from "@/parts/More";
import { PostCard } from "@/parts/post/PostCard";
import { frameRatio } from "@/parts/post/shape";
import type { useList } from "@/parts/useList";
import { getState, useMe, useStore } from "@/stores/store";
import { classes } from "@/ui/classes";
import style from "./Feed.module.css";
import { lastPlace, leavePlace, markSeen, seenUntil } from "./place";
import { useArrivals } from "./useArrivals";
import { useFeedKeys } from "./useFeedKeys";

const AROUND_PHOTO_PX = 190;
const MARKER = "caught-up";

/** Everything newer than the last visit is new; below it stands a line that says so. */
function useRows(ids: string[], userId: string): string[] {
  const [until] = useState(() => seenUntil(userId));
  const newest = ids[0] ? getState().posts[ids[0]]?.created_at : undefined;
  useEffect(() => {
    if (newest) markSeen(userId, newest);
  }, [userId, newest]);
  if (!until) return ids;
  const first = ids.findIndex((id) => (getState().posts[id]?.created_at ?? "") <= until);
  return first > 0 ? [...ids.slice(0, first), MARKER, ...ids.slice(first)] : ids;
}

export function PostList({ list }: { list: ReturnType<typeof useList> }) {
  const me = useMe();
  const top = useRef<HTMLDivElement>(null);
  const userId = me?.user_id ?? "";
  const rows = useRows(list.ids, userId);
  const [offset, setOffset] = useState(0);
  const drafts = useStore((s) => s.drafts);
  const link = useStore((s) => s.link);
  const arrived = useArrivals(list.ids);
  const [before] = useState(() => lastPlace(userId));

  // The list may begin lower: drafts and the connection line stand above it. Measured only when
  // those change, since measuring while one scrolls would cost a layout a frame.
  // biome-ignore lint/correctness/useExhaustiveDependencies: they move it without being read.
  useLayoutEffect(() => {
    const element = top.current;
    if (!element) return;
    setOffset(Math.round(element.getBoundingClientRect().top + window.scrollY));
  }, [drafts, link]);

  const virtual = useWindowVirtualizer({
    count: rows.length,
    getItemKey: (index) => rows[index] ?? index,
    estimateSize: (index) => {
      const post = getState().posts[rows[index] ?? ""];
      const width = Math.min(document.documentElement.clientWidth, 512);
      return post ? width / frameRatio(post.media[0]) + AROUND_PHOTO_PX : 160;
    },
    overscan: 3,
    scrollMargin: offset,
    initialMeasurementsCache: before.sizes,
    useFlushSync: false,
  });

  useLayoutEffect(() => {
    window.scrollTo(0, before.scroll);
  }, [before]);

  useEffect(() => {
    // By the time this screen is gone the next one may have scrolled: remember while it moves.
    const remember = () =>
      leavePlace({ userId, scroll: window.scrollY, sizes: virtual.measurementsCache });
    window.addEventListener("scroll", remember, { passive: true });
    return () => window.removeEventListener("scroll", remember);
  }, [virtual, userId]);

  useFeedKeys(list.ids, (id) => virtual.scrollToIndex(rows.indexOf(id), { align: "start" }));

  return (
    <>
      <div
        ref={top}
        className={style.list}
        role="feed"
        aria-busy={list.status === "loading"}
        aria-label={m.feed.title}
        style={{ height: virtual.getTotalSize() }}
      >
        {virtual.getVirtualItems().map((row) => {
          const id = rows[row.index];
          if (id === undefined) return null;
          return (
            <div
              key={row.key}
              ref={virtual.measureElement}
              data-index={row.index}
              className={style.row}
              style={{ transform: `translateY(${row.start - offset}px)` }}
            >
              {id === MARKER ? (
                <CaughtUp />
              ) : (
                <div className={classes(arrived.has(id) && style.arrived)}>
                  <PostCard id={id} eager={row.index < 2} position={row.index + 1} />
                </div>
              )}
            </div>
          );
        })}
      </div>
      <More list={list} />
      {list.status === "ready" && !list.hasMore && <p className={style.end}>{m.feed.end}</p>}
    </>
  );
}

function CaughtUp() {
  return (
    <div className={style.marker}>
      <CircleCheck size={32} strokeWidth={1.5} aria-hidden />
      <h2>{m.feed.caughtUp}</h2>
      <p>{m.feed.caughtUpHint}</p>
    </div>
  );
}
