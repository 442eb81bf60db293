import { CircleSlash2 } from "lucide-react";
import { useEffect, useState } from "react";
import { Link, useSearchParams } from "wouter";
import { ApiError, type Problem, problemOf } from "@/api/errors";
import { telling } from "@/api/telling";
import { m } from "@/app/messages";
import type { Story } from "@/app/types";
import { Empty, Failure } from "@/ui/Empty";
import { Waiting } from "@/ui/Spinner";
import { StoryEditor } from "./StoryEditor";

/**
 * `/stories/new`; with `?again=<story_id>` the same for somebody's story in one's own, and with
 * `?words=` those lie on the first picture.
 */
export function EditorScreen() {
  const [search] = useSearchParams();
  const id = search.get("again");
  return id ? <Again key={id} id={id} /> : <StoryEditor again={null} words={search.get("words")} />;
}

function Again({ id }: { id: string }) {
  const [story, setStory] = useState<Story | null>(null);
  const [gone, setGone] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [attempt, setAttempt] = useState(1);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another attempt asks anew.
  useEffect(() => {
    setProblem(null);
    telling.shown(id).then(
      (found) => (found.allow_repost ? setStory(found) : setGone(true)),
      (error) => {
        if (error instanceof ApiError && error.status === 404) setGone(true);
        else setProblem(problemOf(error));
      },
    );
  }, [id, attempt]);
  if (story) return <StoryEditor again={story} />;
  if (problem) return <Failure {...problem} onRetry={() => setAttempt(attempt + 1)} />;
  if (!gone) return <Waiting />;
  return (
    <Empty
      page
      icon={<CircleSlash2 size={30} />}
      title={m.telling.again.gone}
      hint={m.telling.again.goneHint}
    >
      <Link href="/">{m.errors.home}</Link>
    </Empty>
  );
}
