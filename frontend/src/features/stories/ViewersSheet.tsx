import { ChevronRight, Eye, MessageCircleQuestionMark } from "lucide-react";
import { useEffect, useRef } from "react";
import { Link } from "wouter";
import { m } from "@/app/messages";
import type { Story } from "@/app/types";
import { More } from "@/parts/More";
import { PersonRow } from "@/parts/person/PersonRow";
import { useList } from "@/parts/useList";
import { useTopic } from "@/parts/useTopic";
import { reload } from "@/stores/acts/load";
import { sources } from "@/stores/acts/sources";
import { useStore } from "@/stores/store";
import { Empty, Failure } from "@/ui/Empty";
import { Sheet } from "@/ui/Sheet";
import { PersonRowSkeleton } from "@/ui/Skeleton";
import { TimeAgo } from "@/ui/TimeAgo";
import style from "./Viewers.module.css";

const PLACES = [1, 2, 3, 4, 5];

/** How many answered its questions in words. */
function answersTo(story: Story | undefined): number {
  const asked = story?.stickers.filter((sticker) => sticker.kind === "question") ?? [];
  return asked.reduce((sum, sticker) => sum + (sticker.results?.total ?? 0), 0);
}

/** Who has seen one's own story; whoever comes while it is open appears on top. */
export function ViewersSheet({ storyId, onClose }: { storyId: string; onClose: () => void }) {
  const source = sources.storyViewers(storyId);
  const list = useList(source);
  const views = useStore((s) => s.stories.stories[storyId]?.view_count ?? 0);
  const reactions = useStore((s) => s.stories.stories[storyId]?.reactions_count ?? 0);
  const looks = useStore((s) => s.stories.looks);
  const answers = useStore((s) => answersTo(s.stories.stories[storyId]));
  useTopic(`story:${storyId}`);

  // The counts move by themselves; the names behind them are asked for when they do.
  const before = useRef({ views, reactions });
  // biome-ignore lint/correctness/useExhaustiveDependencies: a source is known by its key.
  useEffect(() => {
    const same = before.current.views === views && before.current.reactions === reactions;
    before.current = { views, reactions };
    if (!same) void reload(source);
  }, [views, reactions]);

  return (
    <Sheet title={`${m.stories.viewers} ${views || ""}`.trim()} shape="tall" onClose={onClose}>
      {answers > 0 && (
        <Link
          href={`/stories/${storyId}/insights#answers`}
          className={style.answers}
          onClick={onClose}
        >
          <MessageCircleQuestionMark size={20} aria-hidden />
          <span>{m.stories.answersRead(answers)}</span>
          <ChevronRight size={18} aria-hidden />
        </Link>
      )}
      {list.first && PLACES.map((place) => <PersonRowSkeleton key={place} />)}
      {list.status === "failed" && list.ids.length === 0 && list.problem && (
        <Failure {...list.problem} onRetry={list.retry} />
      )}
      {list.status === "ready" && list.ids.length === 0 && (
        <Empty
          icon={<Eye size={30} />}
          title={m.stories.noViewers}
          hint={m.stories.noViewersHint}
        />
      )}
      <ul aria-live="polite">
        {list.ids.map((username) => {
          const look = looks[`${storyId}:${username}`];
          return (
            <li key={username}>
              <PersonRow
                username={username}
                onGo={onClose}
                action={
                  <span className={style.look}>
                    {look?.reaction && (
                      <span
                        className={style.reaction}
                        role="img"
                        aria-label={m.stories.viewersReacted(look.reaction)}
                      >
                        {look.reaction}
                      </span>
                    )}
                    {look && <TimeAgo iso={look.viewed_at} />}
                  </span>
                }
              />
            </li>
          );
        })}
        <li>
          <More list={list} />
        </li>
      </ul>
    </Sheet>
  );
}
