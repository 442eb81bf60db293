import { ChartNoAxesColumn, Eye, Heart, Send, SendHorizontal, Trash2 } from "lucide-react";
import { type FormEvent, useRef, useState } from "react";
import { Link } from "wouter";
import { m } from "@/app/messages";
import type { Story } from "@/app/types";
import { openOverlay } from "@/stores/acts/overlays";
import { replyToStory, setReaction } from "@/stores/acts/stories";
import { IconButton } from "@/ui/Button";
import { Count } from "@/ui/Count";
import { classes } from "@/ui/classes";
import style from "./Foot.module.css";

export const QUICK = ["❤️", "😂", "😮", "😢", "🔥", "👏"];
const HEART = "❤️";
const REPLY_MAX = 2_000;

interface FootProps {
  story: Story;
  onSaid: (words: string) => void;
}

/** Under somebody's story: words to them, a reaction, and sending it on. */
export function Foot({ story, onSaid }: FootProps) {
  const [text, setText] = useState("");
  const [writes, setWrites] = useState(false);
  const [flying, setFlying] = useState<{ emoji: string; key: number } | null>(null);
  const field = useRef<HTMLInputElement>(null);
  const { story_id: id, user, reaction } = story;
  const words = text.trim();

  function react(emoji: string) {
    const next = reaction === emoji ? null : emoji;
    void setReaction(id, next);
    if (next) {
      setFlying({ emoji: next, key: Date.now() });
      onSaid(m.stories.reacted(next));
    }
    field.current?.blur();
  }

  async function send(event: FormEvent) {
    event.preventDefault();
    if (!words) return;
    setText("");
    field.current?.blur();
    if (await replyToStory(id, words)) onSaid(m.stories.sent);
    else setText(words);
  }

  return (
    <form
      className={style.foot}
      onSubmit={send}
      onFocus={() => setWrites(document.activeElement === field.current)}
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) setWrites(false);
      }}
    >
      {flying && (
        <span
          key={flying.key}
          className={style.flying}
          aria-hidden="true"
          onAnimationEnd={() => setFlying(null)}
        >
          {flying.emoji}
        </span>
      )}
      {writes && (
        <div className={style.quick}>
          {QUICK.map((emoji) => (
            <button
              key={emoji}
              type="button"
              aria-label={m.stories.reactWith(emoji)}
              aria-pressed={reaction === emoji}
              // The field keeps the focus until it is done, so that the row stays under the finger.
              onPointerDown={(event) => event.preventDefault()}
              onClick={() => react(emoji)}
            >
              {emoji}
            </button>
          ))}
        </div>
      )}
      {story.allow_replies ? (
        <span className={style.field}>
          <input
            ref={field}
            value={text}
            maxLength={REPLY_MAX}
            placeholder={m.stories.reply(user.username)}
            aria-label={m.stories.reply(user.username)}
            enterKeyHint="send"
            autoComplete="off"
            data-reply=""
            onChange={(event) => setText(event.target.value)}
          />
          {words && (
            <IconButton label={m.stories.send} type="submit" className={style.send}>
              <SendHorizontal size={20} />
            </IconButton>
          )}
        </span>
      ) : (
        <span className={style.field} />
      )}
      <IconButton
        label={reaction ? m.stories.unreact : m.stories.react}
        aria-pressed={reaction !== null}
        className={classes(reaction === HEART && style.loved)}
        onClick={() => react(reaction ?? HEART)}
      >
        {reaction && reaction !== HEART ? (
          <span className={style.mine}>{reaction}</span>
        ) : (
          <Heart size={26} fill={reaction ? "currentColor" : "none"} />
        )}
      </IconButton>
      <IconButton
        label={m.stories.share}
        aria-haspopup="dialog"
        onClick={() => openOverlay({ is: "send-story", storyId: id })}
      >
        <Send size={24} />
      </IconButton>
    </form>
  );
}

/** Under one's own: who has seen it, and what came of it, as it happens. */
export function OwnFoot({ story }: { story: Story }) {
  const { story_id: storyId } = story;
  const views = story.view_count ?? 0;
  const reactions = story.reactions_count ?? 0;
  return (
    <div className={style.foot}>
      <button
        type="button"
        className={style.seen}
        aria-haspopup="dialog"
        data-viewers=""
        onClick={() => openOverlay({ is: "story-viewers", storyId })}
      >
        <Eye size={20} aria-hidden />
        <span className="visually-hidden">{m.stories.seenBy(views)}</span>
        <span aria-hidden="true">
          <Count value={views} />
        </span>
        {reactions > 0 && (
          <>
            <Heart size={18} aria-hidden />
            <Count value={reactions} />
          </>
        )}
      </button>
      <Link href={`/stories/${storyId}/insights`} className={style.link}>
        <ChartNoAxesColumn size={20} aria-hidden /> {m.stories.insights}
      </Link>
      <IconButton
        label={m.stories.share}
        aria-haspopup="dialog"
        onClick={() => openOverlay({ is: "send-story", storyId })}
      >
        <Send size={22} />
      </IconButton>
      <IconButton
        label={m.stories.delete}
        aria-haspopup="dialog"
        onClick={() => openOverlay({ is: "story-delete", storyId })}
      >
        <Trash2 size={22} />
      </IconButton>
    </div>
  );
}
