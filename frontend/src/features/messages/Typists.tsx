import { useEffect } from "react";
import { m } from "@/app/messages";
import { dispatch, useMe, useStore } from "@/stores/store";
import { firstName } from "./names";
import style from "./Thread.module.css";

const NOBODY: Record<string, number> = {};

/** The names of who types; each word about it holds until its time. */
export function useTypists(id: string): string[] {
  const typing = useStore((s) => s.talk.typing[id] ?? NOBODY);
  const members = useStore((s) => s.talk.conversations[id]?.members);
  const myId = useMe()?.user_id;
  useEffect(() => {
    const ends = Object.values(typing);
    if (ends.length === 0) return;
    const delayMs = Math.max(0, Math.min(...ends) - Date.now()) + 50;
    const stop = () => dispatch({ do: "talk", act: { is: "typing.stop", now: Date.now() } });
    const timer = setTimeout(stop, delayMs);
    return () => clearTimeout(timer);
  }, [typing]);
  return (members ?? [])
    .filter((member) => member.user_id !== myId && typing[member.user_id] !== undefined)
    .map(firstName);
}

function sentence([one = "", two, more]: string[]): string {
  if (more) return m.talk.typingMany;
  return two ? m.talk.typingTwo(one, two) : m.talk.typing(one);
}

export function Typists({ names, small = false }: { names: string[]; small?: boolean }) {
  if (names.length === 0) return null;
  return (
    <span className={small ? style.typingSmall : style.typing} data-typing="">
      <span className={style.dots} aria-hidden="true">
        <span />
        <span />
        <span />
      </span>
      <span className={small ? style.typingWords : "visually-hidden"}>{sentence(names)}</span>
    </span>
  );
}
