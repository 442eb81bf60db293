import { useEffect, useRef, useState } from "react";
import { m } from "@/app/messages";
import type { Story } from "@/app/types";
import { FailedMedium } from "@/parts/picture/FailedMedium";
import { useWork } from "@/parts/picture/useWork";
import { isPending } from "@/parts/post/shape";
import { Scene } from "@/parts/story/Scene";
import { answerSticker, refetchStory } from "@/stores/acts/stories";
import { Spinner } from "@/ui/Spinner";
import style from "./Pane.module.css";
import { StoryVideo } from "./StoryVideo";
import { setSound, useSound } from "./sound";

export const SIZES = "(max-width: 640px) 100vw, 30rem";
const PATIENCE_MS = 500;

interface PictureProps {
  story: Story;
  own: boolean;
  playing: boolean;
  waiting: boolean;
  onReady: (durationMs: number) => void;
  onEnded: () => void;
  onBuffer: (waits: boolean) => void;
}

/** The story that is on: its scene, alive, and word of when it is there and when it ends. */
export function Picture(props: PictureProps) {
  const { story, own, playing, waiting, onReady, onEnded, onBuffer } = props;
  const { media, story_id: id } = story;
  const sound = useSound();
  const [broken, setBroken] = useState(false);
  const asked = useRef(false);
  const durationMs = story.duration * 1_000;
  const isVideo = media.type === "video" && media.url !== null && !broken;
  const work = useWork(own && isPending(media) ? media.media_id : null);
  const failed = media.status === "failed";
  const still = media.url === null || broken;

  // Nothing to wait for: it stands for its time as it is.
  const ready = useRef(onReady);
  useEffect(() => {
    ready.current = onReady;
  });
  useEffect(() => {
    if (still) ready.current(durationMs);
  }, [still, durationMs]);

  /** A signed link ran out while the viewer stood open: one new set is asked for. */
  async function onBroken() {
    if (asked.current) return setBroken(true);
    asked.current = true;
    if ((await refetchStory(story)) === "failed") setBroken(true);
  }

  function onAnswer(stickerId: string, answer: number | string) {
    // What was answered takes no keys any more; the stage does.
    document.activeElement?.closest<HTMLElement>("[data-keys]")?.focus();
    void answerSticker(id, stickerId, answer);
  }

  return (
    <>
      <Scene
        story={story}
        mode="viewer"
        sizes={SIZES}
        eager
        onShown={() => onReady(durationMs)}
        onBroken={() => void onBroken()}
        onAnswer={own ? undefined : onAnswer}
        medium={
          isVideo ? (
            <StoryVideo
              story={story}
              playing={playing}
              muted={!sound}
              onReady={onReady}
              onEnded={onEnded}
              onBuffer={onBuffer}
              onSilenced={() => setSound(false, false)}
              onBroken={() => void onBroken()}
            />
          ) : undefined
        }
      />
      {waiting && <Patience />}
      {isPending(media) && (
        <p className={style.state}>
          <Spinner size={16} /> {work === null ? m.stories.preparing : m.files.work(work)}
          <span>{m.stories.preparingHint}</span>
        </p>
      )}
      {failed && (
        <FailedMedium
          media={media}
          words={m.stories.failed}
          own={own}
          onAsk={() => refetchStory(story)}
          onBusy={onBuffer}
        />
      )}
    </>
  );
}

/** A picture that comes quickly needs no wheel. */
function Patience() {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, []);
  return late ? (
    <span className={style.patience}>
      <Spinner size={36} />
    </span>
  ) : null;
}
