import { useCallback, useEffect, useState } from "react";
import { type Problem, problemOf } from "@/api/errors";
import { audiences } from "@/api/telling";
import type { AudienceListRow } from "@/app/types";

interface Audiences {
  lists: AudienceListRow[];
  /** Of close friends: "12", or "100+". */
  friends: string | null;
  friendsNone: boolean;
}

interface Found {
  found: Audiences | null;
  problem: Problem | null;
  reload: () => void;
}

/** One's close friends (how many) and lists, asked for when something shows them. */
export function useAudiences(): Found {
  const [found, setFound] = useState<Audiences | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const reload = useCallback(async () => {
    setProblem(null);
    try {
      const [lists, friends] = await Promise.all([audiences.lists(), audiences.friends(null)]);
      const count = friends.data.users.length;
      const more = friends.page.has_more ? "+" : "";
      setFound({ lists, friends: `${count}${more}`, friendsNone: count === 0 });
    } catch (error) {
      setProblem(problemOf(error));
    }
  }, []);
  useEffect(() => {
    void reload();
  }, [reload]);
  return { found, problem, reload: () => void reload() };
}
