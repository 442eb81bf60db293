import { ImageOff } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { m } from "@/app/messages";
import type { Media } from "@/app/types";
import { until, workAgain } from "@/stores/acts/media";
import { complain } from "@/stores/acts/tell";
import { Button } from "@/ui/Button";
import { Spinner } from "@/ui/Spinner";
import style from "./FailedMedium.module.css";
import { useWork } from "./useWork";

/** No second attempt makes a video shorter. */
const FOR_GOOD = "too_long";

interface FailedMediumProps {
  media: Media;
  /** Said when the server gave no reason. */
  words: string;
  /** Only whoever sent it may have it tried again. */
  own: boolean;
  /** Asks anew for what shows it. */
  onAsk: () => Promise<unknown>;
  onBusy?: (busy: boolean) => void;
}

/** Lies over the place of a photo or video that the server could make nothing of. */
export function FailedMedium({ media, words, own, onAsk, onBusy }: FailedMediumProps) {
  const [busy, setBusy] = useState(false);
  const work = useWork(busy ? media.media_id : null);
  const gone = useRef(false);
  useEffect(() => {
    gone.current = false;
    return () => {
      gone.current = true;
    };
  }, []);

  async function tryAgain(mediaId: string) {
    setBusy(true);
    onBusy?.(true);
    try {
      const outcome = await workAgain(mediaId);
      if (outcome === "failed") await onAsk();
      else await until(() => gone.current, onAsk);
    } catch (error) {
      complain(error);
    }
    setBusy(false);
    onBusy?.(false);
  }

  const { media_id: id, reason } = media;
  return (
    <span className={style.failed} role={own ? "alert" : undefined} data-own-taps="">
      {busy ? (
        <span className={style.working}>
          <Spinner size={16} />
          <span className="digits">{work === null ? m.files.preparing : m.files.work(work)}</span>
        </span>
      ) : (
        <>
          <ImageOff size={28} aria-hidden />
          {reason?.message ?? words}
          {own && id && reason?.code !== FOR_GOOD && (
            <Button look="soft" size="small" onClick={() => void tryAgain(id)}>
              {m.common.retry}
            </Button>
          )}
        </>
      )}
    </span>
  );
}
