import { useCallback, useEffect, useState } from "react";
import { type Problem, problemOf } from "@/api/errors";
import * as api from "@/api/operations";
import { m } from "@/app/messages";
import type { Preferences } from "@/app/types";
import { PushSwitch } from "@/parts/PushSwitch";
import { complain } from "@/stores/acts/tell";
import { Failure } from "@/ui/Empty";
import { Screen } from "@/ui/Screen";
import { Segmented } from "@/ui/Segmented";
import { PersonRowSkeleton } from "@/ui/Skeleton";
import { Kinds } from "./Kinds";
import { MutedPeople, MutedPosts } from "./Muted";
import style from "./Settings.module.css";

const DIGESTS = ["off", "daily", "weekly"] as const;

/** The whole as the server has it after each change, so that nothing is shown that did not hold. */
function usePreferences() {
  const [chosen, setChosen] = useState<Preferences | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const load = useCallback(async () => {
    setProblem(null);
    try {
      setChosen(await api.notifications.preferences());
    } catch (error) {
      setProblem(problemOf(error));
    }
  }, []);
  useEffect(() => {
    void load();
  }, [load]);

  async function change(what: api.Preferred, shown: Preferences) {
    const before = chosen;
    setChosen(shown);
    try {
      setChosen(await api.notifications.prefer(what));
    } catch (error) {
      setChosen(before);
      complain(error);
    }
  }
  return { chosen, problem, load, change };
}

export function NotificationSettings() {
  const { chosen, problem, load, change } = usePreferences();

  return (
    <Screen title={m.notify.title}>
      <section className={style.section}>
        <h2>{m.notify.push.title}</h2>
        <PushSwitch />
      </section>
      {problem && <Failure {...problem} onRetry={() => void load()} />}
      {!chosen && !problem && [1, 2, 3, 4].map((place) => <PersonRowSkeleton key={place} />)}
      {chosen && (
        <>
          <section className={style.section}>
            <h2>{m.notify.kinds.title}</h2>
            <p className={style.hint}>{m.notify.kinds.hint}</p>
            <Kinds
              kinds={chosen.kinds}
              onChange={(kind, channel, on) =>
                void change(
                  { kinds: { [kind]: { [channel]: on } } },
                  {
                    ...chosen,
                    kinds: { ...chosen.kinds, [kind]: { ...chosen.kinds[kind], [channel]: on } },
                  },
                )
              }
            />
          </section>
          <section className={style.section}>
            <h2>{m.notify.digest.title}</h2>
            <p className={style.lead}>{m.notify.digest.hint}</p>
            <Segmented
              label={m.notify.digest.title}
              value={chosen.digest}
              options={DIGESTS.map((value) => ({ value, label: m.notify.digest.options[value] }))}
              onChange={(digest) => void change({ digest }, { ...chosen, digest })}
            />
          </section>
        </>
      )}
      <MutedPosts />
      <MutedPeople />
    </Screen>
  );
}
