import { ChevronLeft, ChevronRight, Pause, Pencil, Play, X } from "lucide-react";
import { type KeyboardEvent, useEffect, useLayoutEffect, useRef, useState } from "react";
import { Link, useLocation } from "wouter";
import { ApiError, type Problem, problemOf } from "@/api/errors";
import { highlights as api } from "@/api/telling";
import { m } from "@/app/messages";
import type { Highlight, Story } from "@/app/types";
import { Scene } from "@/parts/story/Scene";
import { openOverlay } from "@/stores/acts/overlays";
import { useMe } from "@/stores/store";
import { Avatar } from "@/ui/Avatar";
import { Button, IconButton } from "@/ui/Button";
import { classes } from "@/ui/classes";
import { Empty, Failure } from "@/ui/Empty";
import { Waiting } from "@/ui/Spinner";
import { sentence } from "@/ui/time";
import style from "./HighlightScreen.module.css";

/** Calls when a story has been on for its time, pauses not counted. */
function useTurns(story: Story | undefined, paused: boolean, onOver: () => void): void {
  const over = useRef(onOver);
  const leftMs = useRef(0);
  useEffect(() => {
    over.current = onOver;
  });
  useEffect(() => {
    leftMs.current = (story?.duration ?? 0) * 1_000;
  }, [story]);
  useEffect(() => {
    if (!story || paused) return;
    const since = performance.now();
    const timer = setTimeout(() => over.current(), leftMs.current);
    return () => {
      clearTimeout(timer);
      leftMs.current -= performance.now() - since;
    };
  }, [story, paused]);
}

/** A highlight is played as stories are: one after the other, on a dark stage. */
export function HighlightScreen({ id }: { id: string }) {
  const [, navigate] = useLocation();
  const me = useMe();
  const [found, setFound] = useState<Highlight | null>(null);
  const [gone, setGone] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [at, setAt] = useState(0);
  const [paused, setPaused] = useState(false);
  const dialog = useRef<HTMLDialogElement>(null);

  useEffect(() => {
    api.get(id).then(setFound, (error) => {
      if (error instanceof ApiError && error.status === 404) setGone(true);
      else setProblem(problemOf(error));
    });
  }, [id]);

  function leave() {
    const { story: from } = (history.state ?? {}) as { story?: string };
    if (from) history.back();
    else navigate(found ? `/u/${found.user.username}` : "/", { replace: true });
  }
  const leaving = useRef(leave);
  useEffect(() => {
    leaving.current = leave;
  });
  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    const onCancel = (event: Event) => {
      if (event.target !== element) return;
      event.preventDefault();
      leaving.current();
    };
    element?.addEventListener("cancel", onCancel);
    return () => {
      element?.removeEventListener("cancel", onCancel);
      element?.close();
    };
  }, []);

  const count = found?.stories.length ?? 0;
  const story = found?.stories[at];
  useTurns(story, paused, () => step(1));
  function step(by: 1 | -1) {
    if (at + by >= count) leave();
    else setAt(Math.max(0, at + by));
  }
  function onKeyDown(event: KeyboardEvent) {
    if (event.key === "ArrowRight") step(1);
    else if (event.key === "ArrowLeft") step(-1);
    else if (event.key === " " && !(event.target as Element).closest("button, a")) {
      setPaused(!paused);
    } else return;
    event.preventDefault();
  }
  const title = found?.name ?? m.telling.highlights.title;
  return (
    <dialog ref={dialog} className={style.viewer} aria-label={title} onKeyDown={onKeyDown}>
      {!story && (
        <div className={style.nothing}>
          {problem && <Failure {...problem} />}
          {!found && !gone && !problem && <Waiting />}
          {(gone || found) && <Empty page title={m.telling.highlights.none} />}
          <Button onClick={leave}>{m.common.back}</Button>
        </div>
      )}
      {found && story && (
        <div className={style.pane} data-paused={paused || undefined}>
          <Scene
            key={story.story_id}
            story={story}
            mode="viewer"
            eager
            sizes="(max-width: 640px) 100vw, 30rem"
          />
          <button
            type="button"
            className={classes(style.zone, style.left)}
            tabIndex={-1}
            aria-label={m.common.previous}
            onClick={() => step(-1)}
          />
          <button
            type="button"
            className={classes(style.zone, style.right)}
            tabIndex={-1}
            aria-label={m.common.next}
            onClick={() => step(1)}
          />
          <div className={style.top}>
            <div className={style.bars} aria-hidden="true">
              {found.stories.map((one, place) => (
                <span key={one.story_id} className={style.bar}>
                  <span
                    className={classes(
                      style.done,
                      place < at && style.full,
                      place === at && style.runs,
                    )}
                    style={{ animationDuration: `${one.duration}s` }}
                  />
                </span>
              ))}
            </div>
            <header className={style.head}>
              <Link href={`/u/${found.user.username}`} className={style.who}>
                <Avatar user={found.user} size="small" />
                <span className={style.words}>
                  <strong dir="auto">{found.name}</strong>
                  <span>{sentence(new Date(story.created_at), Date.now())}</span>
                </span>
              </Link>
              {me?.user_id === found.user.user_id && (
                <IconButton
                  label={m.telling.highlights.edit}
                  onClick={() => {
                    setPaused(true);
                    openOverlay({ is: "highlight-edit", id });
                  }}
                >
                  <Pencil size={18} />
                </IconButton>
              )}
              <IconButton
                label={paused ? m.stories.play : m.stories.pause}
                onClick={() => setPaused(!paused)}
              >
                {paused ? <Play size={20} /> : <Pause size={20} />}
              </IconButton>
              <IconButton label={m.common.close} data-autofocus onClick={leave}>
                <X size={24} />
              </IconButton>
            </header>
          </div>
          <p className="visually-hidden" aria-live="polite">
            {m.telling.item(at + 1, count)}
            {story.media.alt_text && `: ${story.media.alt_text}`}
          </p>
        </div>
      )}
      {found && story && (
        <>
          <IconButton
            label={m.common.previous}
            className={classes(style.arrow, style.before)}
            disabled={at === 0}
            onClick={() => step(-1)}
          >
            <ChevronLeft size={24} />
          </IconButton>
          <IconButton
            label={m.common.next}
            className={classes(style.arrow, style.after)}
            onClick={() => step(1)}
          >
            <ChevronRight size={24} />
          </IconButton>
        </>
      )}
    </dialog>
  );
}
