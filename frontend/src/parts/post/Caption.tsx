import { useLayoutEffect, useRef, useState } from "react";
import { m } from "@/app/messages";
import type { Post } from "@/app/types";
import { Name } from "@/parts/person/Name";
import { RichText } from "@/parts/RichText";
import { classes } from "@/ui/classes";
import style from "./PostCard.module.css";

/** Two lines until one asks for more; what was opened stays open when the row comes back. */
const opened = new Set<string>();

export function Caption({ post, whole = false }: { post: Post; whole?: boolean }) {
  const text = useRef<HTMLParagraphElement>(null);
  const [open, setOpen] = useState(whole || opened.has(post.post_id));
  const [folds, setFolds] = useState(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: an edited caption is measured anew.
  useLayoutEffect(() => {
    const element = text.current;
    if (element && !open) setFolds(element.scrollHeight > element.clientHeight + 2);
  }, [post.caption, open]);
  if (!post.caption) return null;
  return (
    <div className={style.caption}>
      <p ref={text} className={classes(!open && style.folded)}>
        <Name user={post.user} /> <RichText text={post.caption} />
      </p>
      {folds && !open && (
        <button
          type="button"
          className={style.more}
          onClick={() => {
            opened.add(post.post_id);
            setOpen(true);
          }}
        >
          {m.common.more}
        </button>
      )}
    </div>
  );
}
