import { Search, X } from "lucide-react";
import { type KeyboardEvent, useEffect, useRef } from "react";
import { m } from "@/app/messages";
import { useMe, useStore } from "@/stores/store";
import { IconButton } from "@/ui/Button";
import { titleOf } from "./names";
import style from "./Search.module.css";
import type { Sought } from "./sought";

interface SearchFieldProps {
  sought: Sought;
  onSeek: (sought: Sought) => void;
  /** Down from the field, or to what stands first. */
  onFirst: (open: boolean) => void;
}

/** Above the conversations: everything that was said, or what was said in one of them. */
export function SearchField({ sought, onSeek, onFirst }: SearchFieldProps) {
  const { words, within } = sought;
  const field = useRef<HTMLInputElement>(null);
  const myId = useMe()?.user_id ?? "";
  const conversation = useStore((s) => (within ? s.talk.conversations[within] : undefined));
  useEffect(() => {
    if (within) field.current?.focus();
  }, [within]);
  const clear = () => {
    onSeek(words ? { ...sought, words: "" } : { words: "", within: null });
    field.current?.focus();
  };
  function onKeyDown(event: KeyboardEvent<HTMLInputElement>) {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Escape" && (words || within)) clear();
    else if (event.key === "Backspace" && !words && within) clear();
    else if (event.key === "ArrowDown") onFirst(false);
    else if (event.key === "Enter") onFirst(true);
    else return;
    event.preventDefault();
  }
  const label = within ? m.talk.find.here : m.talk.find.label;
  return (
    <search className={style.field}>
      <Search size={18} aria-hidden className={style.glass} />
      {conversation && (
        <button
          type="button"
          className={style.chip}
          aria-label={m.talk.find.everywhere}
          onClick={() => onSeek({ words, within: null })}
        >
          <span>{m.talk.find.within(titleOf(conversation, myId))}</span>
          <X size={14} aria-hidden />
        </button>
      )}
      <input
        ref={field}
        type="text"
        inputMode="search"
        enterKeyHint="search"
        className={style.input}
        placeholder={label}
        aria-label={label}
        autoComplete="off"
        spellCheck={false}
        maxLength={100}
        dir="auto"
        value={words}
        onChange={(event) => onSeek({ ...sought, words: event.target.value })}
        onKeyDown={onKeyDown}
      />
      {words && (
        <IconButton label={m.talk.find.clear} className={style.clear} onClick={clear}>
          <X size={18} />
        </IconButton>
      )}
    </search>
  );
}
