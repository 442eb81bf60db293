import { ChevronLeft, ChevronRight, Sparkles } from "lucide-react";
import { useEffect, useLayoutEffect, useReducer, useRef, useState } from "react";
import { useLocation } from "wouter";
import { m } from "@/app/messages";
import { leaveFrom } from "@/parts/story/returning";
import { useTopic } from "@/parts/useTopic";
import { refetchStory, sawStory } from "@/stores/acts/stories";
import { noteSignal, type Sign, sendSignals } from "@/stores/acts/storySignals";
import { getState, useMe, useStore } from "@/stores/store";
import { Button, IconButton } from "@/ui/Button";
import { Empty } from "@/ui/Empty";
import { sentence } from "@/ui/time";
import { Pane, Side } from "./Pane";
import style from "./Stories.module.css";
import { openShow, personOf, reduceShow, storyOf } from "./show";
import { useGestures } from "./useGestures";
import { isWriting, useHolds, useTimer } from "./useStage";

interface StoriesScreenProps {
  username: string;
  id: string | null;
}

/** Whose stories follow: with new ones those that are new, else all; oneself stands alone. */
function queueOf(username: string): string[] {
  const { stories } = getState();
  const tellers = stories.order.flatMap((id) => stories.people[id] ?? []);
  const mine = tellers.find((one) => one.user.username === username);
  if (!mine) return [username];
  const fresh = tellers.filter((one) => one.ring.has_unseen);
  return (mine.ring.has_unseen ? fresh : tellers).map((one) => one.user.username);
}

const clock = new Intl.DateTimeFormat("en", { hour: "numeric", minute: "2-digit" });
const now = () => performance.now();

/** Stories, one after the other and person after person, on a stage that covers everything. */
export function StoriesScreen({ username, id: wanted }: StoriesScreenProps) {
  const myId = useMe()?.user_id ?? "";
  const [, navigate] = useLocation();
  const [show, act] = useReducer(reduceShow, null, () => openShow(queueOf(username), username));
  const [shown, setShown] = useState(false);
  const [said, setSaid] = useState("");
  const dialog = useRef<HTMLDialogElement>(null);
  const stage = useRef<HTMLDivElement>(null);
  const left = useRef(false);
  const put = useRef(false);
  const id = storyOf(show);
  const person = personOf(show);
  const story = useStore((s) => (id ? s.stories.stories[id] : undefined));
  const own = story?.user_id === myId;
  const isOn = show.durationMs !== null && story !== undefined;

  useTimer(show, act);
  useHolds(dialog, act);
  useTopic(own && id ? `story:${id}` : null);

  function sign(what: Sign) {
    if (id && !own) noteSignal(id, what);
  }

  function leave() {
    if (left.current) return;
    left.current = true;
    if (!show.over) sign("exits");
    sendSignals();
    leaveFrom(person ?? username);
    const { story: from } = (history.state ?? {}) as { story?: string };
    if (from) history.back();
    else navigate("/", { replace: true });
  }

  const toPerson = (by: 1 | -1) => {
    sign("exits");
    act({ is: "person", by });
  };
  const step = (way: "forward" | "back") => {
    sign(way);
    act({ is: way });
  };
  const pause = () => {
    const is = show.holds.includes("user") ? "release" : "hold";
    act({ is, why: "user", now: now() });
  };

  // Nothing was ever on: that is said instead of leaving without a word.
  const nothing = show.over && !shown;
  const leaving = useRef(leave);
  useEffect(() => {
    leaving.current = leave;
  });
  useEffect(() => {
    if (show.over && shown) leaving.current();
  }, [show.over, shown]);

  // It is on the screen: the ring may turn, the author may know, the address may be passed on.
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each story that is on.
  useEffect(() => {
    if (!isOn || !story || !id) return;
    setShown(true);
    // The view itself counts as the first look.
    if (story.is_viewed) sign("impressions");
    void sawStory(story);
    const { items, item } = show;
    const { alt_text } = story.media;
    const none = story.media_type === "video" ? m.stories.video : m.stories.picture;
    setSaid(
      m.stories.now(
        item + 1,
        items?.length ?? 1,
        story.user.username,
        sentence(new Date(story.created_at), Date.now()),
        clock.format(new Date(story.expires_at)),
        alt_text || none,
      ),
    );
    // When its hour has come the server is asked: a clock here may be wrong.
    const endsMs = Date.parse(story.expires_at) - Date.now() + 500;
    const timer = endsMs > 0 && endsMs < 60_000 && setTimeout(() => refetchStory(story), endsMs);
    return () => clearTimeout(timer || undefined);
  }, [id, isOn]);

  // What had the focus may have gone with the story it belonged to: the keys go on working.
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is the change that takes it away.
  useEffect(() => {
    if (document.activeElement === document.body) stage.current?.focus();
  }, [id, person]);

  useEffect(() => {
    if (!id || !person) return;
    document.title = `${m.stories.viewer(person)} · ${m.app.name}`;
    const to = `/stories/${person}/${id}`;
    if (location.pathname !== to) navigate(to, { replace: true, state: history.state });
  }, [id, person, navigate]);

  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    stage.current?.focus();
    put.current = true;
    return () => {
      put.current = false;
      element?.close();
    };
  }, []);

  useEffect(() => {
    const element = dialog.current;
    const onCancel = (event: Event) => {
      event.preventDefault();
      const field = document.activeElement;
      if (isWriting(field)) (field as HTMLElement).blur();
      else leaving.current();
    };
    // A second Escape can't be refused; then it is meant. While the code of another screen comes,
    // React takes this one off the stage before it is gone; that is nobody's wish to leave.
    const onClosed = () => element?.isConnected && put.current && leaving.current();
    element?.addEventListener("cancel", onCancel);
    element?.addEventListener("close", onClosed);
    return () => {
      element?.removeEventListener("cancel", onCancel);
      element?.removeEventListener("close", onClosed);
    };
  }, []);

  function onKeyDown(event: React.KeyboardEvent) {
    if (event.ctrlKey || event.metaKey || event.altKey || isWriting(event.target as Element))
      return;
    const right = getComputedStyle(event.currentTarget).direction === "rtl" ? -1 : 1;
    const way = event.key === "ArrowRight" ? right : event.key === "ArrowLeft" ? -right : 0;
    if (way !== 0) {
      if (event.shiftKey) toPerson(way === 1 ? 1 : -1);
      else step(way === 1 ? "forward" : "back");
    } else if (event.key === " " && !(event.target as Element).closest("button, a")) pause();
    else return;
    event.preventDefault();
  }

  function drag(move: { x: number; y: number } | null) {
    const element = stage.current;
    if (!element) return;
    element.toggleAttribute("data-drags", move !== null);
    const width = element.clientWidth || 1;
    const way = Math.max(0, move?.y ?? 0);
    element.style.setProperty("--drag", String((move?.x ?? 0) / width));
    element.style.setProperty("--pull", `${way}px`);
    element.style.setProperty("--shrink", String(1 - Math.min(0.18, way / 2_400)));
  }

  const gestures = useGestures({
    onTap: step,
    onHold: (held) => act({ is: held ? "hold" : "release", why: "press", now: now() }),
    onDrag: drag,
    onSwipe: (way) => {
      if (way === "down") leave();
      else if (way === "left") toPerson(1);
      else if (way === "right") toPerson(-1);
      else if (own) dialog.current?.querySelector<HTMLElement>("[data-viewers]")?.click();
      else dialog.current?.querySelector<HTMLElement>("[data-reply]")?.focus();
    },
  });

  return (
    <dialog
      ref={dialog}
      className={style.viewer}
      data-stage=""
      aria-label={m.stories.viewer(person ?? username)}
      onKeyDown={onKeyDown}
    >
      <div ref={stage} className={style.stage} tabIndex={-1} data-keys="" {...gestures}>
        {nothing ? (
          <div className={style.nothing} data-own-taps="">
            <Empty
              icon={<Sparkles size={30} />}
              title={m.stories.none}
              hint={m.stories.noneHint}
              page
            >
              <Button look="primary" onClick={leave}>
                {m.common.back}
              </Button>
            </Empty>
          </div>
        ) : (
          show.people.map((one, place) => {
            const by = place - show.at;
            if (Math.abs(by) > 1 || show.over) return null;
            return (
              <section
                key={one}
                className={style.pane}
                data-place={by === 0 ? "here" : by < 0 ? "before" : "after"}
                aria-hidden={by !== 0 || undefined}
              >
                {by === 0 ? (
                  <Pane
                    username={one}
                    show={show}
                    myId={myId}
                    wanted={one === username ? wanted : null}
                    act={act}
                    onSaid={setSaid}
                    onPause={pause}
                    onClose={leave}
                  />
                ) : (
                  <Side username={one} mayLoad={isOn} onGo={() => toPerson(by < 0 ? -1 : 1)} />
                )}
              </section>
            );
          })
        )}
      </div>
      {!nothing && (
        <>
          <IconButton
            label={m.stories.previous}
            over="media"
            className={style.previous}
            onClick={() => step("back")}
          >
            <ChevronLeft size={22} />
          </IconButton>
          <IconButton
            label={m.stories.next}
            over="media"
            className={style.next}
            onClick={() => step("forward")}
          >
            <ChevronRight size={22} />
          </IconButton>
        </>
      )}
      <p className="visually-hidden" role="status">
        {said}
      </p>
    </dialog>
  );
}
