import { useEffect, useRef } from "react";
import type { Story } from "@/app/types";
import style from "./Pane.module.css";

interface StoryVideoProps {
  story: Story;
  playing: boolean;
  muted: boolean;
  onReady: (durationMs: number) => void;
  onEnded: () => void;
  onBuffer: (waits: boolean) => void;
  onSilenced: () => void;
  onBroken: () => void;
}

function isRefused(error: unknown): boolean {
  return error instanceof DOMException && error.name === "NotAllowedError";
}

/** The video of a story: it obeys, and tells what happens to it. */
export function StoryVideo(props: StoryVideoProps) {
  const { story, playing, muted, onReady, onEnded, onBuffer, onSilenced, onBroken } = props;
  const video = useRef<HTMLVideoElement>(null);
  const silenced = useRef(onSilenced);
  useEffect(() => {
    silenced.current = onSilenced;
  });
  // React sets `muted` as a property only; without sound a browser lets it begin by itself.
  useEffect(() => {
    if (video.current) video.current.muted = muted;
  }, [muted]);
  useEffect(() => {
    const element = video.current;
    if (!element) return;
    if (!playing) element.pause();
    else
      element.play().catch((error: unknown) => {
        // With sound only after a tap: then silently.
        if (!isRefused(error) || element.muted) return;
        silenced.current();
        element.muted = true;
        element.play().catch(() => {});
      });
  }, [playing]);
  return (
    // biome-ignore lint/a11y/useMediaCaption: people's stories come without caption files; what is shown is described by the alt text.
    <video
      ref={video}
      className={style.video}
      src={story.media.url ?? undefined}
      aria-label={story.media.alt_text || undefined}
      playsInline
      preload="auto"
      disablePictureInPicture
      onCanPlay={(event) => {
        const { duration } = event.currentTarget;
        const known = Number.isFinite(duration) && duration > 0;
        onReady((known ? duration : story.duration) * 1_000);
      }}
      onPlaying={() => onBuffer(false)}
      onWaiting={() => onBuffer(true)}
      onEnded={onEnded}
      onError={onBroken}
    />
  );
}
