import { useCallback, useEffect, useState } from "react";
import type { Problem } from "@/api/errors";
import { isFresh, loadStoriesOf } from "@/stores/acts/stories";
import { getState, useStore } from "@/stores/store";
import type { Teller } from "@/stores/stories/state";

interface Found {
  teller: Teller | undefined;
  /** All of their stories are known, or that there are none. */
  ready: boolean;
  gone: boolean;
  problem: Problem | null;
  retry: () => void;
}

function tellerOf(username: string): Teller | undefined {
  const { people } = getState().stories;
  return Object.values(people).find((one) => one.user.username === username);
}

/** A person's stories in full: fetched when `wanted`, and again when a new one was announced. */
export function useTeller(username: string, wanted: boolean): Found {
  const teller = useStore(() => tellerOf(username));
  const whole = useStore((s) => (teller ? s.stories.whole[teller.user.user_id] === true : false));
  const [gone, setGone] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);

  const load = useCallback(async () => {
    setProblem(null);
    const answer = await loadStoriesOf(username);
    if (answer === "gone") setGone(true);
    else if (answer !== "ok") setProblem(answer);
  }, [username]);

  useEffect(() => {
    if (wanted && !(whole && isFresh(username))) void load();
  }, [wanted, whole, username, load]);

  return { teller, ready: whole || gone, gone, problem, retry: () => void load() };
}
