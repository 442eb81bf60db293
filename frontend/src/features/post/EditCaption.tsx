import { useState } from "react";
import { problemOf } from "@/api/errors";
import { m } from "@/app/messages";
import { edit } from "@/stores/acts/posts";
import { useStore } from "@/stores/store";
import { Button } from "@/ui/Button";
import { Area } from "@/ui/Field";
import { Sheet } from "@/ui/Sheet";
import style from "./Post.module.css";

const CAPTION_MAX = 2_200;

export function EditCaption({ postId, onClose }: { postId: string; onClose: () => void }) {
  const before = useStore((s) => s.posts[postId]?.caption ?? "");
  const [caption, setCaption] = useState(before);
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);

  async function submit() {
    setBusy(true);
    try {
      await edit(postId, caption.trim());
      onClose();
    } catch (error) {
      setProblem(problemOf(error).text);
      setBusy(false);
    }
  }

  return (
    <Sheet
      title={m.post.editCaption}
      onClose={onClose}
      action={
        <Button
          look="primary"
          size="small"
          busy={busy}
          disabled={busy}
          onClick={() => void submit()}
        >
          {m.common.save}
        </Button>
      }
    >
      <div className={style.edit}>
        <Area
          label={m.composer.caption}
          value={caption}
          maxLength={CAPTION_MAX}
          problem={problem}
          hint={`${[...caption].length} / ${CAPTION_MAX}`}
          data-autofocus
          onChange={(event) => setCaption(event.target.value)}
        />
      </div>
    </Sheet>
  );
}
