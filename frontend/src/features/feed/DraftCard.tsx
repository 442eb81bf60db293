import { m } from "@/app/messages";
import { discardDraft, retryDraft } from "@/stores/drafts";
import type { Draft } from "@/stores/state";
import { Avatar } from "@/ui/Avatar";
import { Button } from "@/ui/Button";
import { RequestId } from "@/ui/Empty";
import { ProgressRing, Spinner } from "@/ui/Spinner";
import style from "./Draft.module.css";

/** One's own post on its way: there at once, real as soon as the bytes have arrived. */
export function DraftCard({ draft }: { draft: Draft }) {
  const first = draft.media[0];
  const failed = draft.stage === "failed";
  const ratio = first ? Math.min(1.91, Math.max(0.8, first.width / first.height)) : 1;
  return (
    <article className={style.card} aria-label={m.feed.pending} aria-busy={!failed}>
      <header className={style.header}>
        <Avatar user={draft.user} size="small" />
        <div className={style.words}>
          <strong>{draft.user.username}</strong>
          <span className={style.state}>
            {failed
              ? m.feed.failed
              : draft.stage === "uploading"
                ? m.feed.pendingUpload(Math.round(draft.percent))
                : m.feed.pending}
          </span>
        </div>
      </header>
      <div className={style.media} style={{ aspectRatio: ratio }}>
        {first?.url && <img src={first.url} alt="" />}
        <div className={style.veil}>
          {failed ? null : draft.stage === "uploading" ? (
            <ProgressRing percent={draft.percent} size={56} />
          ) : (
            <Spinner size={40} />
          )}
        </div>
      </div>
      {draft.caption && <p className={style.caption}>{draft.caption}</p>}
      {failed && (
        <div className={style.failed} role="alert">
          <div className={style.words}>
            <p>{draft.problem?.text ?? m.errors.unexpected}</p>
            <RequestId id={draft.problem?.requestId ?? null} />
          </div>
          <Button size="small" look="danger" onClick={() => discardDraft(draft.id)}>
            {m.feed.discard}
          </Button>
          <Button size="small" look="primary" onClick={() => retryDraft(draft.id)}>
            {m.common.retry}
          </Button>
        </div>
      )}
    </article>
  );
}
