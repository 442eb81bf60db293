import { m } from "@/app/messages";
import type { Conversation, Message } from "@/app/types";
import { toggleReaction } from "@/stores/acts/messages";
import { classes } from "@/ui/classes";
import style from "./Bubble.module.css";
import { firstName } from "./names";

export const HEART = "❤️";
export const QUICK = [HEART, "😂", "😮", "😢", "🔥", "👏"];
export const MORE = [..."😍🥰😘😊😎🤩🥳😇🙃😅🤣😭😤😡🤔🙄😴🤗🫶🙌👍👎🙏💪🎉✨💯🌈🌻🍀☕🍕"].filter(
  (emoji) => emoji.trim(),
);

interface ReactionsProps {
  message: Message;
  conversation: Conversation;
  myId: string;
}

/** Each emoji once, with how many; a tap joins in or takes one's own back. */
export function Reactions({ message, conversation, myId }: ReactionsProps) {
  if (message.reactions.length === 0) return null;
  const byEmoji = new Map<string, string[]>();
  for (const { emoji, user_id } of message.reactions) {
    byEmoji.set(emoji, [...(byEmoji.get(emoji) ?? []), user_id]);
  }
  const names = (ids: string[]) =>
    ids
      .map((id) => {
        const member = conversation.members.find((one) => one.user_id === id);
        return id === myId ? m.talk.you : member ? firstName(member) : m.talk.someone;
      })
      .join(", ");
  return (
    <span className={style.reactions}>
      {[...byEmoji].map(([emoji, ids]) => (
        <button
          key={emoji}
          type="button"
          className={classes(style.reaction, ids.includes(myId) && style.mine)}
          aria-pressed={ids.includes(myId)}
          aria-label={m.talk.reacted(emoji, names(ids))}
          title={names(ids)}
          onClick={() => toggleReaction(message.message_id, emoji)}
        >
          <span aria-hidden="true">{emoji}</span>
          {ids.length > 1 && <span className="digits">{ids.length}</span>}
        </button>
      ))}
    </span>
  );
}
