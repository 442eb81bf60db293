import style from "./Video.module.css";

interface VideoProps {
  url: string;
  poster?: string | null;
  alt: string;
  /** Somebody opened it to see it. */
  autoPlay?: boolean;
  onBroken?: () => void;
}

/** A video with the browser's own controls; fills its parent. */
export function Video({ url, poster, alt, autoPlay, onBroken }: VideoProps) {
  return (
    // biome-ignore lint/a11y/useMediaCaption: people's videos come without caption files; what is shown is described by the alt text.
    <video
      className={style.video}
      src={url}
      poster={poster ?? undefined}
      aria-label={alt}
      controls
      loop
      playsInline
      autoPlay={autoPlay}
      preload="none"
      onError={onBroken}
      // A click is for the controls, not for what the video lies in.
      onClick={(event) => event.stopPropagation()}
    />
  );
}
