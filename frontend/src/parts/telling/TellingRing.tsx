import { m } from "@/app/messages";
import { openOverlay } from "@/stores/acts/overlays";
import type { Telling } from "@/stores/state";
import { useMe, useStore } from "@/stores/store";
import { Avatar } from "@/ui/Avatar";
import { classes } from "@/ui/classes";
import { ProgressRing } from "@/ui/Spinner";
import style from "./TellingRing.module.css";

export function wordsOf({ stage, percent, done, count }: Telling): string {
  if (stage === "failed") return m.telling.failedShort;
  if (stage === "uploading" && percent < 100) return m.telling.percent(Math.round(percent));
  return done === count ? m.telling.preparing : m.telling.sharing;
}

/** One's own story on its way, as an item of the tray with a ring that closes. Nothing when none is. */
export function TellingRing() {
  const me = useMe();
  const telling = useStore((s) => s.telling.find((one) => one.stage === "failed") ?? s.telling[0]);
  if (!me || !telling) return null;
  const failed = telling.stage === "failed";
  return (
    <li>
      <button
        type="button"
        className={style.telling}
        aria-haspopup="dialog"
        aria-label={failed ? m.telling.failed : wordsOf(telling)}
        data-telling={telling.stage}
        onClick={() => openOverlay({ is: "telling" })}
      >
        <span className={classes(style.face, failed && style.failed)}>
          {telling.preview ? (
            <img src={telling.preview} alt="" />
          ) : (
            <Avatar user={me} size="story" />
          )}
          {!failed && (
            <ProgressRing
              percent={telling.stage === "uploading" ? telling.percent : 97}
              size={70}
            />
          )}
        </span>
        <span className={classes(style.words, failed && style.bad)}>
          {failed ? m.telling.failedShort : m.telling.sharing}
        </span>
      </button>
    </li>
  );
}
