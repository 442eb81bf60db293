import type { MouseEvent } from "react";
import { m } from "@/app/messages";
import style from "./Composer.module.css";

interface FilmStageProps {
  film: string;
  /** When people are being tagged a tap marks a place instead of playing. */
  onPlace: ((x: number, y: number) => void) | null;
}

/** A picked video, as it is sent. */
export function FilmStage({ film, onPlace }: FilmStageProps) {
  function place(event: MouseEvent) {
    const box = event.currentTarget.getBoundingClientRect();
    onPlace?.((event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
  }
  return (
    // biome-ignore lint/a11y/useMediaCaption: one's own video, just picked.
    <video
      className={style.cinema}
      src={film}
      aria-label={m.composer.film}
      controls={!onPlace}
      loop
      playsInline
      preload="metadata"
      style={onPlace ? { cursor: "crosshair" } : undefined}
      onClick={onPlace ? place : undefined}
    />
  );
}
