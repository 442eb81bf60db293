import { X } from "lucide-react";
import { type KeyboardEvent, type ReactNode, useState } from "react";
import { m } from "@/app/messages";
import type { User } from "@/app/types";
import { usePeople } from "@/parts/person/usePeople";
import { Avatar } from "@/ui/Avatar";
import { classes } from "@/ui/classes";
import { PersonRowSkeleton } from "@/ui/Skeleton";
import style from "./Picker.module.css";

export interface Target {
  /** A username, or the id of a conversation. */
  to: string;
  name: string;
  note: string;
  face: ReactNode;
}

export const targetOf = (user: User): Target => ({
  to: user.username,
  name: user.full_name || user.username,
  note: user.username,
  face: <Avatar user={user} />,
});

interface PeoplePickerProps {
  picked: Target[];
  onPick: (picked: Target[]) => void;
  /** Shown first while nothing is searched for. */
  first?: Target[];
  without?: string[];
  max: number;
}

const PLACES = [1, 2, 3, 4, 5];

/** Several people (and groups): those picked stand above as chips. */
export function PeoplePicker({ picked, onPick, first = [], without = [], max }: PeoplePickerProps) {
  const [words, setWords] = useState("");
  const people = usePeople(words);
  const known = new Set(first.map((one) => one.note));
  const found = (people ?? [])
    .filter((user) => !without.includes(user.username))
    .filter((user) => words || !known.has(user.username))
    .map(targetOf);
  const groups = words.trim().toLowerCase();
  const matching = first.filter((one) => !groups || one.name.toLowerCase().includes(groups));
  const seen = new Set(matching.map((one) => one.note));
  const targets = [...matching, ...found.filter((one) => !seen.has(one.note))];
  const isPicked = (one: Target) => picked.some((other) => other.to === one.to);

  function toggle(one: Target) {
    if (isPicked(one)) onPick(picked.filter((other) => other.to !== one.to));
    else if (picked.length < max) onPick([...picked, one]);
    if (words) setWords("");
  }

  function onKeyDown(event: KeyboardEvent<HTMLInputElement>) {
    if (event.key === "Backspace" && !words && picked.length > 0) onPick(picked.slice(0, -1));
    const [top] = targets;
    if (event.key === "Enter" && words && top) {
      event.preventDefault();
      toggle(top);
    }
  }

  return (
    <>
      <div className={style.to}>
        <span className={style.label}>{m.talk.to}</span>
        {picked.map((one) => (
          <button
            key={one.to}
            type="button"
            className={style.chip}
            aria-label={m.talk.picked(one.name)}
            onClick={() => toggle(one)}
          >
            {one.name}
            <X size={14} aria-hidden />
          </button>
        ))}
        <input
          type="text"
          data-autofocus
          className={style.search}
          placeholder={m.talk.search}
          aria-label={m.talk.search}
          autoComplete="off"
          value={words}
          onChange={(event) => setWords(event.target.value)}
          onKeyDown={onKeyDown}
        />
      </div>
      {people === null && PLACES.map((place) => <PersonRowSkeleton key={place} />)}
      {people !== null && targets.length === 0 && <p className={style.none}>{m.talk.searchNone}</p>}
      <ul className={style.list}>
        {targets.map((one) => (
          <li key={one.to}>
            <button
              type="button"
              className={style.person}
              aria-pressed={isPicked(one)}
              onClick={() => toggle(one)}
            >
              {one.face}
              <span className={style.words}>
                <strong dir="auto">{one.name}</strong>
                <span>{one.note}</span>
              </span>
              <span className={classes(style.tick, isPicked(one) && style.on)} aria-hidden="true" />
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}
