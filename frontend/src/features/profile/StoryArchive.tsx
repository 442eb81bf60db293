import { ChartNoAxesColumn, CircleFadingPlus, History, Trash2 } from "lucide-react";
import { useState } from "react";
import { useLocation } from "wouter";
import { telling } from "@/api/telling";
import { m } from "@/app/messages";
import type { Story } from "@/app/types";
import { More } from "@/parts/More";
import { Scene } from "@/parts/story/Scene";
import { usePages } from "@/parts/usePages";
import { openOverlay } from "@/stores/acts/overlays";
import { complain, say } from "@/stores/acts/tell";
import { Button } from "@/ui/Button";
import { Confirm } from "@/ui/Confirm";
import { Empty } from "@/ui/Empty";
import { Sheet } from "@/ui/Sheet";
import { Waiting } from "@/ui/Spinner";
import style from "./StoryArchive.module.css";

const day = new Intl.DateTimeFormat("en", { day: "numeric", month: "short" });
const time = new Intl.DateTimeFormat("en", { timeStyle: "short" });
const whole = new Intl.DateTimeFormat("en", { dateStyle: "long", timeStyle: "short" });

/** One's own stories that have ended, newest first: to look at, to keep, to be rid of. */
export function StoryArchive() {
  const pages = usePages<Story>("archive", async (cursor) => {
    const { data, page } = await telling.archive(cursor);
    return { data: data.stories, page };
  });
  const [open, setOpen] = useState<Story | null>(null);
  const text = m.telling.archive;
  if (pages.first) return <Waiting />;
  if (pages.status === "ready" && pages.items.length === 0) {
    return <Empty icon={<History size={30} />} title={text.empty} hint={text.emptyHint} />;
  }
  return (
    <>
      <ul className={style.grid}>
        {pages.items.map((story) => {
          const told = new Date(story.created_at);
          return (
            <li key={story.story_id}>
              <button type="button" className={style.tile} onClick={() => setOpen(story)}>
                <Scene story={story} mode="thumb" sizes="(max-width: 640px) 33vw, 14rem" />
                <time className={style.day} dateTime={story.created_at} aria-hidden="true">
                  {day.format(told)}
                </time>
                <span className="visually-hidden">
                  {text.open(`${day.format(told)}, ${time.format(told)}`)}
                </span>
              </button>
            </li>
          );
        })}
      </ul>
      <More list={pages} />
      {open && (
        <One
          story={open}
          onClose={() => setOpen(null)}
          onForgotten={(id) => {
            setOpen(null);
            pages.change((items) => items.filter((story) => story.story_id !== id));
          }}
        />
      )}
    </>
  );
}

interface OneProps {
  story: Story;
  onClose: () => void;
  onForgotten: (id: string) => void;
}

function One({ story, onClose, onForgotten }: OneProps) {
  const [, navigate] = useLocation();
  const [asks, setAsks] = useState(false);
  const { story_id: id } = story;
  const text = m.telling.archive;
  async function forget() {
    try {
      await telling.forget(id);
      say(text.forgotten);
      onForgotten(id);
    } catch (error) {
      complain(error);
    }
  }
  return (
    <Sheet title={whole.format(new Date(story.created_at))} onClose={onClose}>
      <div className={style.one}>
        <div className={style.large}>
          <Scene story={story} mode="thumb" sizes="20rem" eager />
        </div>
        <div className={style.acts}>
          <Button
            icon={<CircleFadingPlus size={18} />}
            onClick={() => {
              onClose();
              openOverlay({ is: "highlight-edit", id: null, storyId: id });
            }}
          >
            {text.highlight}
          </Button>
          <Button
            icon={<ChartNoAxesColumn size={18} />}
            onClick={() => navigate(`/stories/${id}/insights`)}
          >
            {text.insights}
          </Button>
          <Button look="danger" icon={<Trash2 size={18} />} onClick={() => setAsks(true)}>
            {text.forget}
          </Button>
        </div>
      </div>
      {asks && (
        <Confirm
          title={text.forgetTitle}
          hint={text.forgetHint}
          yes={text.forget}
          onYes={() => void forget()}
          onClose={() => setAsks(false)}
        />
      )}
    </Sheet>
  );
}
