import { Ellipsis, Reply, SmilePlus } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { m } from "@/app/messages";
import type { Message } from "@/app/types";
import { toggleReaction } from "@/stores/acts/messages";
import { useStore } from "@/stores/store";
import style from "./Bubble.module.css";
import { QUICK } from "./Reactions";

interface ToolsProps {
  message: Message;
  onReply: (message: Message) => void;
  onMenu: (message: Message) => void;
}

/** Beside a message under a mouse. The keyboard and the finger have the menu for the same. */
export function Tools({ message, onReply, onMenu }: ToolsProps) {
  const [picking, setPicking] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const open = useStore((s) => s.talk.conversations[message.conversation_id]?.folder === "inbox");
  useEffect(() => {
    if (!picking) return;
    const away = (event: Event) => {
      if (event instanceof KeyboardEvent && event.key !== "Escape") return;
      if (!(event instanceof KeyboardEvent) && box.current?.contains(event.target as Node)) return;
      setPicking(false);
    };
    document.addEventListener("pointerdown", away);
    document.addEventListener("keydown", away);
    return () => {
      document.removeEventListener("pointerdown", away);
      document.removeEventListener("keydown", away);
    };
  }, [picking]);
  if (!open) return null;
  return (
    <div ref={box} className={style.tools} data-open={picking || undefined}>
      <button
        type="button"
        tabIndex={-1}
        aria-label={m.talk.react}
        aria-expanded={picking}
        title={m.talk.react}
        onClick={() => setPicking(!picking)}
      >
        <SmilePlus size={17} />
      </button>
      <button
        type="button"
        tabIndex={-1}
        aria-label={m.talk.reply}
        title={m.talk.reply}
        onClick={() => onReply(message)}
      >
        <Reply size={17} />
      </button>
      <button
        type="button"
        tabIndex={-1}
        aria-label={m.talk.options}
        title={m.talk.options}
        aria-haspopup="dialog"
        onClick={() => onMenu(message)}
      >
        <Ellipsis size={17} />
      </button>
      {picking && (
        <div className={style.picker}>
          {QUICK.map((emoji) => (
            <button
              key={emoji}
              type="button"
              aria-label={m.talk.reactWith(emoji)}
              onClick={() => {
                setPicking(false);
                toggleReaction(message.message_id, emoji);
              }}
            >
              {emoji}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}
