import { SearchX } from "lucide-react";
import { type ReactNode, useEffect, useRef } from "react";
import { m } from "@/app/messages";
import type { UserRow } from "@/app/types";
import { More } from "@/parts/More";
import { usePeople } from "@/parts/person/usePeople";
import { useMe, useStore } from "@/stores/store";
import { Empty, Failure } from "@/ui/Empty";
import { PersonRowSkeleton } from "@/ui/Skeleton";
import { HitRow } from "./HitRow";
import { InboxRow } from "./InboxRow";
import { othersOf } from "./names";
import { PersonHit } from "./PersonHit";
import style from "./Search.module.css";
import type { Sought } from "./sought";
import { useFound } from "./useFound";

const PLACES = [1, 2, 3, 4];
const PEOPLE_MAX = 3;

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title}>
      <h3 className={style.heading}>{title}</h3>
      <ul>{children}</ul>
    </section>
  );
}

/**
 * People by their username, without those whose conversation is shown already. Null while they are
 * fetched.
 */
function useOthers(words: string | null, named: string[]): UserRow[] | null {
  const myId = useMe()?.user_id ?? "";
  const people = usePeople(words);
  const conversations = useStore((s) => s.talk.conversations);
  const direct = named.flatMap((id) => conversations[id] ?? []).filter((c) => c.kind === "direct");
  const shown = new Set(direct.flatMap((c) => othersOf(c, myId)).map((one) => one.user_id));
  return people?.filter((user) => !shown.has(user.user_id)).slice(0, PEOPLE_MAX) ?? null;
}

interface FoundProps {
  sought: Sought;
  open: string | null;
  /** All that these words find is there. */
  onSettled: (words: string) => void;
}

/** What the words find: conversations by their names, people, and what was said. */
export function Found({ sought, open, onSettled }: FoundProps) {
  const { within } = sought;
  const { words, pages, hits, named, current } = useFound(sought.words, within);
  const others = useOthers(within ? null : words || null, named);
  const people = others ?? [];
  const settled = current && others !== null;
  const tell = useRef(onSettled);
  useEffect(() => {
    tell.current = onSettled;
  });
  useEffect(() => {
    if (settled) tell.current(sought.words);
  }, [settled, sought.words]);
  if (!words && within) return <p className={style.hint}>{m.talk.find.hint}</p>;
  const nothing = named.length + people.length + hits.length === 0;
  const failed = pages.status === "failed" && pages.problem;
  return (
    <div aria-busy={!settled}>
      <p className="visually-hidden" role="status">
        {current && words && !failed ? m.talk.find.count(hits.length, pages.hasMore) : ""}
      </p>
      {nothing && !failed && !settled && PLACES.map((place) => <PersonRowSkeleton key={place} />)}
      {named.length > 0 && (
        <Section title={m.talk.inbox}>
          {named.map((id) => (
            <InboxRow key={id} id={id} on={id === open} />
          ))}
        </Section>
      )}
      {people.length > 0 && (
        <Section title={m.talk.find.people}>
          {people.map((user) => (
            <PersonHit key={user.user_id} user={user} />
          ))}
        </Section>
      )}
      {hits.length > 0 && (
        <Section title={m.talk.title}>
          {hits.map((hit) => (
            <HitRow key={hit.message_id} hit={hit} within={within !== null} />
          ))}
        </Section>
      )}
      {nothing && settled && !failed && words && !pages.hasMore && (
        <Empty
          icon={<SearchX size={30} />}
          title={m.talk.find.none(words)}
          hint={m.talk.find.noneHint}
        />
      )}
      {failed && hits.length === 0 ? (
        <Failure {...failed} onRetry={pages.retry} />
      ) : (
        words && <More list={pages} />
      )}
    </div>
  );
}
