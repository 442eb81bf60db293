import { useEffect } from "react";
import { m } from "@/app/messages";
import { discardDraft, retryDraft } from "@/stores/drafts";
import { useStore } from "@/stores/store";
import { Button } from "@/ui/Button";
import { RequestId } from "@/ui/Empty";
import { Sheet } from "@/ui/Sheet";
import { ProgressRing } from "@/ui/Spinner";
import { wordsOf } from "./TellingRing";
import style from "./TellingSheet.module.css";

/** How far one's stories are, why one is not shared, and what can be done about it. */
export function TellingSheet({ onClose }: { onClose: () => void }) {
  const telling = useStore((s) => s.telling);
  const over = telling.length === 0;
  // biome-ignore lint/correctness/useExhaustiveDependencies: once nothing is on its way.
  useEffect(() => {
    if (over) onClose();
  }, [over]);
  return (
    <Sheet title={m.stories.own} onClose={onClose}>
      <ul className={style.list}>
        {telling.map((one) => (
          <li key={one.id} className={style.row}>
            {one.preview ? <img src={one.preview} alt="" /> : <span className={style.blank} />}
            <div className={style.words} role={one.stage === "failed" ? "alert" : "status"}>
              <strong>{m.telling.items(one.count)}</strong>
              <p>{one.problem?.text ?? wordsOf(one)}</p>
              <RequestId id={one.problem?.requestId ?? null} />
            </div>
            {one.stage === "failed" ? (
              <div className={style.acts}>
                <Button size="small" look="primary" onClick={() => retryDraft(one.id)}>
                  {m.common.retry}
                </Button>
                <Button size="small" look="danger" onClick={() => discardDraft(one.id)}>
                  {m.telling.discard}
                </Button>
              </div>
            ) : (
              <ProgressRing percent={one.percent} />
            )}
          </li>
        ))}
      </ul>
    </Sheet>
  );
}
