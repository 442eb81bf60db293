import { X } from "lucide-react";
import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from "react";
import { m } from "@/app/messages";
import { add } from "@/stores/acts/comments";
import { useMe } from "@/stores/store";
import { Avatar } from "@/ui/Avatar";
import { Button, IconButton } from "@/ui/Button";
import style from "./Comment.module.css";

export interface ReplyTo {
  commentId: string;
  username: string;
}

interface CommentFormProps {
  postId: string;
  reply: ReplyTo | null;
  onReplyEnd: () => void;
  autoFocus?: boolean;
}

const LENGTH_MAX = 2_200;

export function CommentForm({ postId, reply, onReplyEnd, autoFocus }: CommentFormProps) {
  const me = useMe();
  const [text, setText] = useState("");
  const input = useRef<HTMLTextAreaElement>(null);

  useEffect(() => {
    if (!reply) return;
    setText((before) =>
      before.startsWith(`@${reply.username} `) ? before : `@${reply.username} `,
    );
    input.current?.focus();
  }, [reply]);

  async function submit(event?: FormEvent) {
    event?.preventDefault();
    const words = text.trim();
    if (!words) return;
    const to = reply?.commentId ?? null;
    setText("");
    onReplyEnd();
    // What was refused comes back into the field, unless something new stands there.
    if (!(await add(postId, words, to))) setText((now) => now || words);
  }

  function onKeyDown(event: KeyboardEvent) {
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    void submit();
  }

  if (!me) return null;
  return (
    <div>
      {reply && (
        <div className={style.replying}>
          {m.comments.replyingTo(reply.username)}
          <IconButton label={m.common.cancel} onClick={onReplyEnd}>
            <X size={16} />
          </IconButton>
        </div>
      )}
      <form className={style.form} onSubmit={submit}>
        <span>
          <Avatar user={me} size="small" />
        </span>
        <textarea
          ref={input}
          className={style.input}
          rows={1}
          value={text}
          maxLength={LENGTH_MAX}
          aria-label={m.comments.placeholder}
          placeholder={m.comments.placeholder}
          data-autofocus={autoFocus || undefined}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={onKeyDown}
        />
        <Button look="text" type="submit" disabled={!text.trim()}>
          {m.comments.post}
        </Button>
      </form>
    </div>
  );
}
