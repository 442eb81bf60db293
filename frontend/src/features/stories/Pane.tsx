import { X } from "lucide-react";
import { useEffect, useRef } from "react";
import { m } from "@/app/messages";
import type { Story } from "@/app/types";
import { Scene } from "@/parts/story/Scene";
import { say } from "@/stores/acts/tell";
import { useStore } from "@/stores/store";
import type { Teller } from "@/stores/stories/state";
import { Avatar } from "@/ui/Avatar";
import { IconButton } from "@/ui/Button";
import { classes } from "@/ui/classes";
import { Failure } from "@/ui/Empty";
import { Spinner } from "@/ui/Spinner";
import { Bars } from "./Bars";
import { Foot, OwnFoot } from "./Foot";
import { Head } from "./Head";
import style from "./Pane.module.css";
import { Picture, SIZES } from "./Picture";
import { type Show, type ShowAct, storyOf } from "./show";
import { useTeller } from "./useTeller";

const OVER_MS = 1_800;

interface PaneProps {
  username: string;
  show: Show;
  myId: string;
  /** A story by its id, where a link led to one. */
  wanted: string | null;
  act: (act: ShowAct) => void;
  onSaid: (words: string) => void;
  onPause: () => void;
  onClose: () => void;
}

function firstOf(teller: Teller, ids: string[], wanted: string | null): number {
  const asked = wanted ? ids.indexOf(wanted) : -1;
  return asked >= 0
    ? asked
    : Math.max(
        0,
        ids.findIndex((id) => !teller.seen.includes(id)),
      );
}

/** The person who is on. */
export function Pane(props: PaneProps) {
  const { username, show, myId, wanted, act, onSaid, onPause, onClose } = props;
  const { teller, ready, gone, problem, retry } = useTeller(username, true);
  const stories = useStore((s) => s.stories.stories);
  const id = storyOf(show);
  const story = id ? stories[id] : undefined;
  const next = stories[show.items?.[show.item + 1] ?? ""];
  const own = teller?.user.user_id === myId;
  const muted = useStore((s) => s.relations[username]?.muted === true);
  const wasMuted = useRef(muted);
  const paused = show.holds.includes("user");

  // biome-ignore lint/correctness/useExhaustiveDependencies: the first is chosen once, from what is known then.
  useEffect(() => {
    if (!ready) return;
    const ids = gone ? [] : (teller?.ids.filter((one) => stories[one]) ?? []);
    if (wanted && ids.length > 0 && !ids.includes(wanted)) say(m.stories.overOthers(username));
    act({ is: "items", username, ids, first: teller ? firstOf(teller, ids, wanted) : 0 });
  }, [ready, gone, teller?.ids]);

  // Muted from here: enough of this person.
  useEffect(() => {
    if (muted && !wasMuted.current) act({ is: "person", by: 1 });
    wasMuted.current = muted;
  }, [muted, act]);

  const now = () => performance.now();
  return (
    <>
      <div className={style.frame} data-quiet={show.holds.includes("press") || undefined}>
        {story && id && (
          <Picture
            key={id}
            story={story}
            own={own}
            playing={show.since !== null}
            waiting={show.durationMs === null}
            onReady={(durationMs) => act({ is: "ready", id, durationMs, now: now() })}
            onEnded={() => act({ is: "ended", id })}
            onBuffer={(waits) => act({ is: waits ? "hold" : "release", why: "buffer", now: now() })}
          />
        )}
        {id && !story && <Over key={id} onDone={() => act({ is: "ended", id })} />}
        {!id && !problem && (
          <div className={style.blank}>
            <Spinner size={36} />
          </div>
        )}
        {problem && show.items === null && (
          <div className={style.blank}>
            <Failure {...problem} onRetry={retry} />
          </div>
        )}
        <div className={style.top}>
          {show.items && <Bars show={show} count={show.items.length} item={show.item} />}
          {teller ? (
            <Head
              user={teller.user}
              own={own}
              story={story}
              paused={paused}
              onPause={onPause}
              onClose={onClose}
            />
          ) : (
            <header className={classes(style.head, style.nobody)}>
              <IconButton label={m.common.close} onClick={onClose}>
                <X size={22} />
              </IconButton>
            </header>
          )}
        </div>
        {next && show.durationMs !== null && <Ahead story={next} />}
      </div>
      {story && (own ? <OwnFoot story={story} /> : <Foot key={id} story={story} onSaid={onSaid} />)}
    </>
  );
}

/** It ended, or was deleted, while one was about to look: that is said, and then it goes on. */
function Over({ onDone }: { onDone: () => void }) {
  // biome-ignore lint/correctness/useExhaustiveDependencies: one wait for each.
  useEffect(() => {
    const timer = setTimeout(onDone, OVER_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <p className={style.blank} role="status">
      {m.stories.over}
    </p>
  );
}

/** The next picture, fetched before it is wanted. */
function Ahead({ story }: { story: Story }) {
  const { media } = story;
  return (
    <div className={style.ahead} aria-hidden="true">
      {media.type === "video" && media.url ? (
        <video src={media.url} preload="auto" muted />
      ) : (
        <Scene story={story} mode="thumb" sizes={SIZES} eager />
      )}
    </div>
  );
}

interface SideProps {
  username: string;
  /** Fetched when the person who is on is there. */
  mayLoad: boolean;
  onGo: () => void;
}

/** The person before or after: their first picture is fetched, ready to turn to. */
export function Side({ username, mayLoad, onGo }: SideProps) {
  const { teller } = useTeller(username, mayLoad);
  const stories = useStore((s) => s.stories.stories);
  const id = teller?.ids.find((one) => !teller.seen.includes(one)) ?? teller?.ids[0];
  const story = id ? stories[id] : undefined;
  return (
    <div className={style.frame}>
      {story && <Scene story={story} mode="thumb" sizes={SIZES} eager />}
      {teller && (
        // A pointer's short way; the keys have their own.
        <button
          type="button"
          className={style.side}
          tabIndex={-1}
          aria-hidden="true"
          title={m.stories.openPerson(username)}
          onClick={onGo}
        >
          <Avatar user={teller.user} size="large" />
          <span>{username}</span>
        </button>
      )}
    </div>
  );
}
