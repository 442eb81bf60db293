import { Copy, Pencil, Reply, Trash2 } from "lucide-react";
import { useState } from "react";
import { m } from "@/app/messages";
import type { Message } from "@/app/types";
import { copyText, toggleReaction, unsend } from "@/stores/acts/messages";
import { useStore } from "@/stores/store";
import { ActionRow, ActionRows } from "@/ui/ActionList";
import { Confirm } from "@/ui/Confirm";
import { Sheet } from "@/ui/Sheet";
import style from "./Menu.module.css";
import { MORE, QUICK } from "./Reactions";

interface MessageMenuProps {
  id: string;
  myId: string;
  onReply: (message: Message) => void;
  onEdit: (message: Message) => void;
  onClose: () => void;
}

const EDITABLE_MS = 15 * 60_000;

export function editable(message: Message, myId: string, now = Date.now()): boolean {
  const young = now - Date.parse(message.created_at) < EDITABLE_MS;
  return message.user.user_id === myId && message.text !== "" && young;
}

/** All that can be done with a message. */
export function MessageMenu({ id, myId, onReply, onEdit, onClose }: MessageMenuProps) {
  const message = useStore((s) => s.talk.messages[id]);
  const open = useStore((s) => {
    const conversation = message && s.talk.conversations[message.conversation_id];
    return conversation?.folder === "inbox";
  });
  const [more, setMore] = useState(false);
  const [asking, setAsking] = useState(false);
  if (!message) return null;
  const own = message.user.user_id === myId;
  const mine = message.reactions.find((one) => one.user_id === myId)?.emoji;
  const then = (run: () => void) => () => {
    onClose();
    run();
  };
  if (asking) {
    return (
      <Confirm
        title={m.talk.unsendTitle}
        hint={m.talk.unsendHint}
        yes={m.talk.unsend}
        onYes={() => void unsend(id)}
        onClose={onClose}
      />
    );
  }
  return (
    <Sheet title={m.talk.options} shape="menu" bare onClose={onClose}>
      {open && (
        <div className={style.emoji}>
          {[...QUICK, ...(more ? MORE : [])].map((emoji) => (
            <button
              key={emoji}
              type="button"
              aria-pressed={emoji === mine}
              aria-label={emoji === mine ? m.talk.unreact(emoji) : m.talk.reactWith(emoji)}
              onClick={then(() => toggleReaction(id, emoji))}
            >
              {emoji}
            </button>
          ))}
          {!more && (
            <button
              type="button"
              className={style.plus}
              aria-label={m.talk.moreEmoji}
              onClick={() => setMore(true)}
            >
              +
            </button>
          )}
        </div>
      )}
      <ActionRows>
        {open && (
          <ActionRow
            label={m.talk.reply}
            icon={<Reply size={20} />}
            run={then(() => onReply(message))}
          />
        )}
        {message.text && (
          <ActionRow
            label={m.talk.copy}
            icon={<Copy size={20} />}
            run={then(() => void copyText(message.text))}
          />
        )}
        {editable(message, myId) && (
          <ActionRow
            label={m.talk.edit}
            icon={<Pencil size={20} />}
            run={then(() => onEdit(message))}
          />
        )}
        {own && (
          <ActionRow
            label={m.talk.unsend}
            icon={<Trash2 size={20} />}
            danger
            run={() => setAsking(true)}
          />
        )}
      </ActionRows>
    </Sheet>
  );
}
