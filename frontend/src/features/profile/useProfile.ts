import { useCallback, useEffect, useState } from "react";
import { ApiError, type Problem, problemOf } from "@/api/errors";
import type { Profile } from "@/app/types";
import { loadProfile } from "@/stores/acts/people";
import { useStore } from "@/stores/store";

interface Found {
  profile: Profile | undefined;
  gone: boolean;
  problem: Problem | null;
  retry: () => void;
}

/** A profile on the screen: what is known at once, and what the server says now. */
export function useProfile(username: string): Found {
  const profile = useStore((s) => s.profiles[username]);
  const [gone, setGone] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);

  const load = useCallback(async () => {
    setGone(false);
    setProblem(null);
    try {
      await loadProfile(username);
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) setGone(true);
      else setProblem(problemOf(error));
    }
  }, [username]);

  useEffect(() => {
    void load();
  }, [load]);

  return { profile, gone, problem, retry: () => void load() };
}
