import { Play } from "lucide-react";
import { useRef } from "react";
import { m } from "@/app/messages";
import { clock } from "@/app/messages.files";
import type { Message } from "@/app/types";
import { FailedMedium } from "@/parts/picture/FailedMedium";
import { useWork } from "@/parts/picture/useWork";
import { refetchMessage } from "@/stores/acts/messages";
import { useStore } from "@/stores/store";
import { classes } from "@/ui/classes";
import { Photo } from "@/ui/Photo";
import { ProgressRing, Spinner } from "@/ui/Spinner";
import style from "./Media.module.css";
import { nameOf } from "./names";
import type { Item } from "./rows";

interface PhotoCellProps {
  item: Item;
  onPhoto: (message: Message) => void;
  /** It gives the frame its own shape; in a grid all are square. */
  alone?: boolean;
}

/** Two taps are a heart, so the first one waits for the second. */
const TWICE_MS = 230;
const RATIO_MIN = 0.66;
const RATIO_MAX = 1.8;

export function titleOf({ user, media }: Message): string {
  return media?.type === "video" ? m.talk.videoBy(nameOf(user)) : m.talk.photoBy(nameOf(user));
}

export function PhotoCell({ item, onPhoto, alone = false }: PhotoCellProps) {
  const { message, outgoing } = item;
  const preview = useStore((s) => (message ? s.previews[message.message_id]?.[0] : undefined));
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const asked = useRef(false);
  const media = message?.media ?? null;
  const local = outgoing?.photo ?? preview;
  const width = media?.width ?? local?.width ?? 1;
  const height = media?.height ?? local?.height ?? 1;
  const ratio = Math.min(RATIO_MAX, Math.max(RATIO_MIN, width / height));
  const failed = media?.status === "failed";
  const pending = media !== null && !media.url && !failed;
  const film = media ? media.type === "video" : local?.film === true;
  const length = film && media?.duration ? clock(media.duration) : "";
  const work = useWork(pending && item.own ? media.media_id : null);
  const busy = outgoing !== null && outgoing.state === "sending";
  if (message && media && failed) {
    return (
      <span className={style.photo} style={alone ? { aspectRatio: ratio } : undefined}>
        <FailedMedium
          media={media}
          words={m.talk.photoFailed}
          own={item.own}
          onAsk={() => refetchMessage(message.message_id)}
        />
      </span>
    );
  }
  return (
    <button
      type="button"
      className={style.photo}
      style={alone ? { aspectRatio: ratio } : undefined}
      aria-label={film ? m.talk.openVideo(length) : m.talk.openPhoto}
      disabled={!message}
      onClick={(event) => {
        clearTimeout(timer.current);
        if (message && event.detail < 2)
          timer.current = setTimeout(() => onPhoto(message), TWICE_MS);
      }}
    >
      <Photo
        url={media?.url ?? null}
        sources={media?.sources ?? []}
        thumbhash={media?.thumbhash ?? null}
        alt={message ? media?.alt_text || titleOf(message) : m.talk.quotePhoto}
        sizes="20rem"
        preview={local?.url ?? undefined}
        onBroken={() => {
          if (asked.current || !message) return;
          asked.current = true;
          void refetchMessage(message.message_id);
        }}
      />
      {busy && (
        <span className={style.over}>
          <ProgressRing percent={outgoing.percent} />
        </span>
      )}
      {film && media?.url && (
        <span className={classes(style.over, style.clear)}>
          <Play className={style.play} size={36} fill="currentColor" />
        </span>
      )}
      {length && <span className={classes(style.length, "digits")}>{length}</span>}
      {pending && (film || !local) && (
        <span className={style.over} role="status" aria-label={m.talk.photoWork}>
          {work === null ? <Spinner size={20} /> : <ProgressRing percent={work} />}
          {film && <span className={style.work}>{m.files.work(work ?? 0)}</span>}
        </span>
      )}
    </button>
  );
}
