import { m } from "@/app/messages";
import { useList } from "@/parts/useList";
import { sources } from "@/stores/acts/sources";
import { PersonRowSkeleton } from "@/ui/Skeleton";
import { PersonRow } from "./PersonRow";
import style from "./Suggestions.module.css";

const PLACES = [1, 2, 3, 4];

/** People one may want to follow. An empty or broken answer leaves no trace. */
export function Suggestions({ shown = 5 }: { shown?: number }) {
  const list = useList(sources.suggestions);
  if (list.status === "failed" || (list.status === "ready" && list.ids.length === 0)) return null;
  return (
    <section className={style.suggestions} aria-label={m.feed.suggestions}>
      <h2 className={style.title}>{m.feed.suggestions}</h2>
      {list.first
        ? PLACES.map((place) => <PersonRowSkeleton key={place} />)
        : list.ids
            .slice(0, shown)
            .map((username) => <PersonRow key={username} username={username} />)}
    </section>
  );
}
