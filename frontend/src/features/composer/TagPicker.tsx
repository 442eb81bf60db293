import { useEffect, useRef, useState } from "react";
import * as api from "@/api/operations";
import { m } from "@/app/messages";
import type { UserRow } from "@/app/types";
import { useMe } from "@/stores/store";
import { Avatar } from "@/ui/Avatar";
import { Sheet } from "@/ui/Sheet";
import style from "./TagPicker.module.css";

interface TagPickerProps {
  onPick: (username: string) => void;
  onClose: () => void;
}

const PAUSE_MS = 160;

/** Who is in the photo: the people one follows, or anyone by the beginning of the name. */
export function TagPicker({ onPick, onClose }: TagPickerProps) {
  const me = useMe();
  const [words, setWords] = useState("");
  const [people, setPeople] = useState<UserRow[] | null>(null);
  const asked = useRef(0);
  const myName = me?.username ?? "";

  useEffect(() => {
    const ask = ++asked.current;
    const timer = setTimeout(
      async () => {
        const q = words.trim().replace(/^@/, "");
        try {
          const { data } = await (q ? api.users.search(q) : api.users.following(myName, null));
          if (asked.current === ask) setPeople(data.users);
        } catch {
          if (asked.current === ask) setPeople([]);
        }
      },
      words ? PAUSE_MS : 0,
    );
    return () => clearTimeout(timer);
  }, [words, myName]);

  return (
    <Sheet title={m.composer.tag} shape="tall" onClose={onClose}>
      <div className={style.search}>
        <input
          type="search"
          data-autofocus
          className={style.bare}
          placeholder={m.composer.tagSearch}
          aria-label={m.composer.tagSearch}
          value={words}
          onChange={(event) => setWords(event.target.value)}
        />
      </div>
      {people?.length === 0 && <p className={style.none}>{m.composer.tagNone}</p>}
      <ul>
        {people?.map((user) => (
          <li key={user.user_id}>
            <button type="button" className={style.person} onClick={() => onPick(user.username)}>
              <Avatar user={user} />
              <span>
                <strong>{user.username}</strong>
                <span>{user.full_name}</span>
              </span>
            </button>
          </li>
        ))}
      </ul>
    </Sheet>
  );
}
