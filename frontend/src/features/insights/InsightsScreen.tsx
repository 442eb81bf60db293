import { ChartNoAxesColumn } from "lucide-react";
import { type ReactNode, useCallback, useEffect, useState } from "react";
import { ApiError, type Problem, problemOf } from "@/api/errors";
import { telling } from "@/api/telling";
import { m } from "@/app/messages";
import type { Insights, Story } from "@/app/types";
import { Scene } from "@/parts/story/Scene";
import { openOverlay } from "@/stores/acts/overlays";
import { Button } from "@/ui/Button";
import { Count } from "@/ui/Count";
import { Empty, Failure } from "@/ui/Empty";
import { Screen } from "@/ui/Screen";
import { Waiting } from "@/ui/Spinner";
import { AnswersList } from "./AnswersList";
import { HoursChart } from "./HoursChart";
import style from "./Insights.module.css";

const day = new Intl.DateTimeFormat("en", { dateStyle: "long" });
const AGAIN_MS = 15_000;

/** How one's own story did. The numbers are asked for again now and then while one looks. */
export function InsightsScreen({ id }: { id: string }) {
  const [found, setFound] = useState<Insights | null>(null);
  const [story, setStory] = useState<Story | null>(null);
  const [gone, setGone] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);

  const load = useCallback(async () => {
    try {
      setFound(await telling.insights(id));
      setProblem(null);
    } catch (error) {
      if (error instanceof ApiError && (error.status === 404 || error.status === 403))
        setGone(true);
      else setProblem(problemOf(error));
    }
  }, [id]);

  useEffect(() => {
    void load();
    // Its picture is there while it lives; afterwards the numbers stand alone.
    telling.shown(id).then(setStory, () => {});
    const timer = setInterval(
      () => document.visibilityState === "visible" && void load(),
      AGAIN_MS,
    );
    return () => clearInterval(timer);
  }, [id, load]);

  const there = found !== null;
  useEffect(() => {
    if (there && location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
  }, [there]);

  const text = m.telling.insights;
  if (gone) {
    return (
      <Empty page icon={<ChartNoAxesColumn size={30} />} title={text.gone} hint={text.goneHint} />
    );
  }
  if (!found) {
    return problem ? <Failure {...problem} onRetry={() => void load()} /> : <Waiting />;
  }
  return (
    <Screen title={text.title} wide>
      <section className={style.summary}>
        {story && (
          <div className={style.picture}>
            <Scene story={story} mode="thumb" sizes="8rem" eager />
          </div>
        )}
        <dl className={style.main}>
          <Figure name={text.reach} hint={text.reachHint} value={found.reach} />
          <Figure name={text.views} value={found.view_count} />
          <Figure name={text.impressions} hint={text.impressionsHint} value={found.impressions} />
        </dl>
      </section>
      {found.view_count > 0 && (
        <Button onClick={() => openOverlay({ is: "story-viewers", storyId: id })}>
          {text.viewers}
        </Button>
      )}
      <Part title={text.chart}>
        <HoursChart hours={found.hours} />
      </Part>
      <Part title={text.interactions}>
        <dl className={style.rows}>
          <Row name={text.reactions} value={found.reactions}>
            {found.reactions_by.map(({ reaction, count }) => (
              <span key={reaction} className={style.reaction}>
                {reaction} <span className="digits">{count}</span>
              </span>
            ))}
          </Row>
          <Row name={text.replies} value={found.replies} />
          <Row name={text.shares} value={found.shares} />
          <Row name={text.reposts} value={found.reposts} />
        </dl>
      </Part>
      <Part title={text.navigation}>
        <dl className={style.rows}>
          <Row name={text.forward} value={found.taps_forward} />
          <Row name={text.back} value={found.taps_back} />
          <Row name={text.exits} value={found.exits} />
        </dl>
      </Part>
      {found.stickers.length > 0 && (
        <Part title={text.answers} id="answers">
          {found.stickers.map((sticker) => (
            <Answers key={sticker.sticker_id} id={id} sticker={sticker} story={story} />
          ))}
        </Part>
      )}
      {found.kept_until && (
        <p className={style.kept}>{text.kept(day.format(new Date(found.kept_until)))}</p>
      )}
    </Screen>
  );
}

function Figure({ name, hint, value }: { name: string; hint?: string; value: number }) {
  return (
    <div className={style.figure}>
      <dt title={hint}>{name}</dt>
      <dd>
        <Count value={value} />
      </dd>
    </div>
  );
}

function Part({ id, title, children }: { id?: string; title: string; children: ReactNode }) {
  return (
    <section id={id} className={style.part}>
      <h2>{title}</h2>
      {children}
    </section>
  );
}

function Row({ name, value, children }: { name: string; value: number; children?: ReactNode }) {
  return (
    <div className={style.row}>
      <dt>{name}</dt>
      <dd className="digits">
        {children}
        <strong>
          <Count value={value} />
        </strong>
      </dd>
    </div>
  );
}

interface AnswersProps {
  id: string;
  sticker: Insights["stickers"][number];
  story: Story | null;
}

/** What people answered: a bar for each option, the middle of a slider, or what they wrote. */
function Answers({ id, sticker, story }: AnswersProps) {
  const shown = story?.stickers.find((one) => one.sticker_id === sticker.sticker_id);
  const { counts, total, average } = sticker.results;
  const title = shown?.question ?? shown?.prompt;
  return (
    <div className={style.answers}>
      {title && <h3 dir="auto">{title}</h3>}
      {counts && (
        <ul>
          {counts.map((count, place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: an option is its place.
            <li key={place} className={style.option}>
              <span
                className={style.share}
                style={{ width: `${total ? (count / total) * 100 : 0}%` }}
                aria-hidden="true"
              />
              <span dir="auto">{shown?.options?.[place] ?? `${place + 1}`}</span>
              <strong className="digits">{count}</strong>
            </li>
          ))}
        </ul>
      )}
      <p className={style.total}>
        {m.telling.insights.answersOf(total)}
        {typeof average === "number" &&
          ` · ${m.telling.insights.average(Math.round(average * 100))}`}
      </p>
      {sticker.kind === "question" && total > 0 && (
        <AnswersList storyId={id} stickerId={sticker.sticker_id} total={total} />
      )}
    </div>
  );
}
