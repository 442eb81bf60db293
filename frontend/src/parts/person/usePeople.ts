import { useEffect, useRef, useState } from "react";
import * as api from "@/api/operations";
import type { UserRow } from "@/app/types";
import { useMe } from "@/stores/store";

const PAUSE_MS = 160;

/**
 * The people one follows, or anyone by the beginning of the name. Null while they are fetched;
 * nobody when nobody is asked for.
 */
export function usePeople(words: string | null): UserRow[] | null {
  const me = useMe();
  const [people, setPeople] = useState<UserRow[] | null>(null);
  const asked = useRef(0);
  const myName = me?.username ?? "";
  useEffect(() => {
    const ask = ++asked.current;
    if (words === null) {
      setPeople([]);
      return;
    }
    const find = async () => {
      const q = words.trim().replace(/^@/, "");
      try {
        const { data } = await (q ? api.users.search(q) : api.users.following(myName, null));
        if (asked.current === ask) setPeople(data.users.filter((one) => one.username !== myName));
      } catch {
        if (asked.current === ask) setPeople([]);
      }
    };
    const timer = setTimeout(() => void find(), words ? PAUSE_MS : 0);
    return () => clearTimeout(timer);
  }, [words, myName]);
  return people;
}
