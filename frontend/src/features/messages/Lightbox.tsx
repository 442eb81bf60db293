import { ChevronLeft, ChevronRight, X } from "lucide-react";
import { useEffect, useLayoutEffect, useRef } from "react";
import { m } from "@/app/messages";
import { getState, useStore } from "@/stores/store";
import { IconButton } from "@/ui/Button";
import { Photo } from "@/ui/Photo";
import { TimeAgo } from "@/ui/TimeAgo";
import { useBackCloses } from "@/ui/useBackCloses";
import { Video } from "@/ui/Video";
import style from "./Lightbox.module.css";
import { nameOf } from "./names";
import { titleOf } from "./PhotoCell";

interface LightboxProps {
  /** The thread's messages, newest first. */
  ids: string[];
  id: string;
  onGo: (id: string) => void;
  onClose: () => void;
}

/** A photo or video as large as the screen; the arrows lead to the others of the thread. */
export function Lightbox({ ids, id, onGo, onClose }: LightboxProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const message = useStore((s) => s.talk.messages[id]);
  const preview = useStore((s) => s.previews[id]?.[0]?.url ?? undefined);
  const photos = ids.filter((one) => getState().talk.messages[one]?.media);
  const at = photos.indexOf(id);
  const older = photos[at + 1];
  const newer = at > 0 ? photos[at - 1] : undefined;
  const close = useRef(onClose);
  useEffect(() => {
    close.current = onClose;
  });
  useBackCloses(close);
  useLayoutEffect(() => {
    const opener = document.activeElement;
    const element = dialog.current;
    element?.showModal();
    const onCancel = (event: Event) => {
      event.preventDefault();
      close.current();
    };
    element?.addEventListener("cancel", onCancel);
    return () => {
      element?.removeEventListener("cancel", onCancel);
      element?.close();
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
    };
  }, []);
  // Unsent while one looked.
  const gone = !message?.media;
  useEffect(() => {
    if (gone) close.current();
  }, [gone]);
  if (!message?.media) return null;
  const { media, user } = message;
  return (
    <dialog
      ref={dialog}
      className={style.box}
      aria-label={titleOf(message)}
      onKeyDown={(event) => {
        if (event.key === "ArrowLeft" && older) onGo(older);
        if (event.key === "ArrowRight" && newer) onGo(newer);
      }}
    >
      <header className={style.head}>
        <span className={style.who}>
          <strong>{nameOf(user)}</strong> <TimeAgo iso={message.created_at} long />
        </span>
        <IconButton label={m.common.close} over="media" onClick={onClose}>
          <X size={22} />
        </IconButton>
      </header>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: Escape does for the keyboard what the stage does for a pointer. */}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: as above. */}
      <div className={style.stage} onClick={onClose}>
        {media.type === "video" && media.url ? (
          <Video
            key={id}
            url={media.url}
            poster={media.poster}
            autoPlay
            alt={media.alt_text || titleOf(message)}
          />
        ) : (
          <Photo
            key={id}
            url={media.url}
            sources={media.sources}
            thumbhash={null}
            alt={media.alt_text || titleOf(message)}
            sizes="100vw"
            preview={preview}
            eager
            whole
          />
        )}
      </div>
      {older && (
        <IconButton
          label={m.common.previous}
          over="media"
          className={style.left}
          onClick={() => onGo(older)}
        >
          <ChevronLeft size={22} />
        </IconButton>
      )}
      {newer && (
        <IconButton
          label={m.common.next}
          over="media"
          className={style.right}
          onClick={() => onGo(newer)}
        >
          <ChevronRight size={22} />
        </IconButton>
      )}
    </dialog>
  );
}
