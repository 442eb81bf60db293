import { ArrowUp, Check, Heart, Image, X } from "lucide-react";
import {
  type FormEvent,
  type KeyboardEvent,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import { m } from "@/app/messages";
import type { Conversation, Message, Quote } from "@/app/types";
import { ACCEPT } from "@/parts/picture/picked";
import { tellTyping, typedOut } from "@/stores/acts/conversations";
import { edit } from "@/stores/acts/messages";
import { sendMessage } from "@/stores/acts/outgoing";
import { getState } from "@/stores/store";
import { begun } from "@/stores/talk/begun";
import { IconButton } from "@/ui/Button";
import { sendFiles, visualsOf } from "./files";
import { editable } from "./MessageMenu";
import { firstName, titleOf } from "./names";
import { quoteWords } from "./QuoteBlock";
import { HEART } from "./Reactions";
import style from "./Writer.module.css";

interface WriterProps {
  conversation: Conversation;
  myId: string;
  reply: Message | null;
  editing: Message | null;
  onEdit: (message: Message) => void;
  onEnd: () => void;
}

const LENGTH_MAX = 2_000;
const HEIGHT_MAX_PX = 160;

function quoteOf(message: Message): Quote {
  const { message_id, user, text, media, post } = message;
  return {
    message_id,
    unavailable: false,
    user,
    text,
    has_photo: media !== null,
    ...(media?.type === "video" && { is_video: true }),
    has_post: post !== null,
  };
}

function newestOwn(conversationId: string, myId: string): Message | undefined {
  const { lists, talk } = getState();
  const ids = lists[`thread:${conversationId}`]?.ids ?? [];
  return ids
    .map((id) => talk.messages[id])
    .find((message) => message !== undefined && editable(message, myId));
}

/** What one is about to do with the words: an answer or a change. */
function Aim({ reply, editing, myId, onEnd }: Omit<WriterProps, "conversation" | "onEdit">) {
  if (!reply && !editing) return null;
  const own = reply?.user.user_id === myId;
  const title = editing
    ? m.talk.editing
    : own
      ? m.talk.replyingSelf
      : m.talk.replyingTo(reply ? firstName(reply.user) : m.talk.someone);
  return (
    <div className={style.aim}>
      <span className={style.aimWords}>
        <strong>{title}</strong>
        <span dir="auto">{editing ? editing.text : reply && quoteWords(quoteOf(reply))}</span>
      </span>
      <IconButton label={m.common.cancel} onClick={onEnd}>
        <X size={18} />
      </IconButton>
    </div>
  );
}

export function Writer(props: WriterProps) {
  const { conversation, myId, reply, editing, onEdit, onEnd } = props;
  const id = conversation.conversation_id;
  const [text, setText] = useState(editing ? editing.text : (begun.get(id) ?? ""));
  const input = useRef<HTMLTextAreaElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  const words = text.trim();
  // biome-ignore lint/correctness/useExhaustiveDependencies: its height follows the words.
  useLayoutEffect(() => {
    const element = input.current;
    if (!element) return;
    element.style.height = "auto";
    element.style.height = `${Math.min(HEIGHT_MAX_PX, element.scrollHeight)}px`;
  }, [text]);
  useEffect(() => {
    // On a phone the keyboard would cover what one came to read.
    if (reply || editing || matchMedia("(hover: hover)").matches) input.current?.focus();
  }, [reply, editing]);

  function write(next: string) {
    setText(next);
    if (editing) return;
    begun.set(id, next);
    if (next.trim()) tellTyping(id);
  }

  async function submit(event?: FormEvent) {
    event?.preventDefault();
    if (!words) return;
    if (editing) {
      onEnd();
      await edit(editing.message_id, words);
      return;
    }
    write("");
    typedOut(id);
    sendMessage(id, { text: words, replyTo: reply && quoteOf(reply) });
    onEnd();
    input.current?.focus();
  }

  function onKeyDown(event: KeyboardEvent) {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      void submit();
    } else if (event.key === "Escape" && (reply || editing)) {
      event.preventDefault();
      onEnd();
    } else if (event.key === "ArrowUp" && !text && !editing) {
      const own = newestOwn(id, myId);
      if (!own) return;
      event.preventDefault();
      onEdit(own);
    }
  }

  return (
    <div className={style.writer}>
      <Aim reply={reply} editing={editing} myId={myId} onEnd={onEnd} />
      <form className={style.form} onSubmit={submit}>
        {!editing && (
          <IconButton label={m.talk.photo} onClick={() => picker.current?.click()}>
            <Image size={22} />
          </IconButton>
        )}
        <input
          ref={picker}
          type="file"
          hidden
          multiple
          accept={ACCEPT}
          aria-label={m.talk.photo}
          onChange={(event) => {
            const files = [...(event.target.files ?? [])];
            event.target.value = "";
            void sendFiles(id, files);
          }}
        />
        <textarea
          ref={input}
          className={style.input}
          rows={1}
          value={text}
          maxLength={LENGTH_MAX}
          dir="auto"
          aria-label={`${m.talk.write} ${titleOf(conversation, myId)}`}
          placeholder={m.talk.write}
          enterKeyHint="send"
          onChange={(event) => write(event.target.value)}
          onKeyDown={onKeyDown}
          onPaste={(event) => {
            const files = visualsOf(event.clipboardData.files);
            if (files.length === 0) return;
            event.preventDefault();
            // The page would begin a post with them.
            event.stopPropagation();
            void sendFiles(id, files);
          }}
        />
        {words || editing ? (
          <button type="submit" className={style.send} aria-label={m.talk.send} disabled={!words}>
            {editing ? <Check size={20} /> : <ArrowUp size={20} strokeWidth={2.5} />}
          </button>
        ) : (
          <IconButton
            label={m.talk.heart}
            onClick={() => sendMessage(id, { text: HEART, replyTo: reply && quoteOf(reply) })}
          >
            <Heart size={22} />
          </IconButton>
        )}
      </form>
    </div>
  );
}
