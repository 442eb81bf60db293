import { ChevronLeft, ChevronRight, Plus } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Link, useLocation } from "wouter";
import { m } from "@/app/messages";
import type { Me } from "@/app/types";
import { Ring } from "@/parts/story/Ring";
import { FROM_APP } from "@/parts/story/RingedFace";
import { takeLeft } from "@/parts/story/returning";
import { useRing, useRings } from "@/parts/story/useRing";
import { TellingRing } from "@/parts/telling/TellingRing";
import { useMe, useStore } from "@/stores/store";
import { Avatar } from "@/ui/Avatar";
import { classes } from "@/ui/classes";
import { Skeleton } from "@/ui/Skeleton";
import style from "./Tray.module.css";

const PLACES = [1, 2, 3, 4, 5, 6, 7];

/** One's own comes first: to be watched when there is one, and always to be added to. */
function Own({ me }: { me: Me }) {
  const ring = useRing(me.user_id);
  const [, navigate] = useLocation();
  const add = () => navigate("/stories/new");
  return (
    <li className={style.own}>
      {ring.has_stories ? (
        <Link
          href={`/stories/${me.username}`}
          state={FROM_APP}
          className={style.person}
          data-teller={me.username}
        >
          <span className={style.face}>
            <Avatar user={me} size="story" />
            <Ring unseen={ring.has_unseen} />
          </span>
          <span className={style.name}>{m.stories.own}</span>
        </Link>
      ) : (
        <button type="button" className={style.person} onClick={add}>
          <span className={style.face}>
            <Avatar user={me} size="story" />
          </span>
          <span className={style.name}>{m.stories.own}</span>
        </button>
      )}
      <button
        type="button"
        className={style.plus}
        aria-label={m.stories.add}
        title={m.stories.add}
        // Without a story the whole face does it.
        tabIndex={ring.has_stories ? undefined : -1}
        aria-hidden={ring.has_stories ? undefined : true}
        onClick={add}
      >
        <Plus size={14} strokeWidth={3} aria-hidden />
      </button>
    </li>
  );
}

function Teller({ id }: { id: string }) {
  const teller = useStore((s) => s.stories.people[id]);
  if (!teller) return null;
  const { user, ring } = teller;
  return (
    <li>
      <Link
        href={`/stories/${user.username}`}
        state={FROM_APP}
        className={classes(style.person, !ring.has_unseen && style.seen)}
        aria-label={m.stories.ring(user.username, ring.has_unseen)}
        data-teller={user.username}
      >
        <span className={style.face}>
          <Avatar user={user} size="story" />
          <Ring unseen={ring.has_unseen} />
        </span>
        <span className={style.name}>{user.username}</span>
      </Link>
    </li>
  );
}

/** Arrows for who has no finger to pull with. */
function useEnds(list: React.RefObject<HTMLUListElement | null>, filling: string) {
  const [ends, setEnds] = useState({ start: true, end: true });
  // biome-ignore lint/correctness/useExhaustiveDependencies: who joins or goes changes its length.
  useEffect(() => {
    const element = list.current;
    if (!element) return;
    const look = () => {
      const { scrollLeft, scrollWidth, clientWidth } = element;
      setEnds({ start: scrollLeft < 8, end: scrollLeft + clientWidth > scrollWidth - 8 });
    };
    look();
    element.addEventListener("scroll", look, { passive: true });
    window.addEventListener("resize", look);
    return () => {
      element.removeEventListener("scroll", look);
      window.removeEventListener("resize", look);
    };
  }, [list, filling]);
  return ends;
}

/** Who tells something now. Its height is the same while it loads, empty and full. */
export function Tray() {
  useRings();
  const me = useMe();
  const status = useStore((s) => s.stories.tray);
  const order = useStore((s) => s.stories.order);
  const list = useRef<HTMLUListElement>(null);
  const ends = useEnds(list, `${status} ${order.length}`);

  // Back from somebody's stories: the focus is where one left.
  useEffect(() => {
    const username = takeLeft();
    if (!username) return;
    const face = list.current?.querySelector<HTMLElement>(
      `[data-teller="${CSS.escape(username)}"]`,
    );
    face?.focus({ preventScroll: true });
  }, []);

  if (!me) return null;
  const pull = (way: 1 | -1) => {
    const element = list.current;
    element?.scrollBy({ left: way * element.clientWidth * 0.8, behavior: "smooth" });
  };
  return (
    <nav className={style.tray} aria-label={m.stories.tray}>
      <ul ref={list} className={style.list} aria-busy={status === "loading" || status === "idle"}>
        <Own me={me} />
        <TellingRing />
        {order.map((id) => (
          <Teller key={id} id={id} />
        ))}
        {(status === "idle" || status === "loading") &&
          order.length === 0 &&
          PLACES.map((place) => (
            <li key={place} className={style.person} aria-hidden="true">
              <Skeleton className={style.ghost} width="3.75rem" height="3.75rem" round />
              <Skeleton width="3rem" height="0.625rem" />
            </li>
          ))}
      </ul>
      {!ends.start && (
        <button
          type="button"
          className={classes(style.arrow, style.left)}
          aria-label={m.stories.earlier}
          tabIndex={-1}
          onClick={() => pull(-1)}
        >
          <ChevronLeft size={16} aria-hidden />
        </button>
      )}
      {!ends.end && (
        <button
          type="button"
          className={classes(style.arrow, style.right)}
          aria-label={m.stories.later}
          tabIndex={-1}
          onClick={() => pull(1)}
        >
          <ChevronRight size={16} aria-hidden />
        </button>
      )}
    </nav>
  );
}
