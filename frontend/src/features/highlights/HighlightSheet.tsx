import { ChevronLeft, ChevronRight, Star, Trash2 } from "lucide-react";
import { useEffect, useState } from "react";
import { type Problem, problemOf } from "@/api/errors";
import { randomKey } from "@/api/key";
import { highlights as api, telling } from "@/api/telling";
import { m } from "@/app/messages";
import type { Story } from "@/app/types";
import { highlightsChanged } from "@/parts/highlight/news";
import { More } from "@/parts/More";
import { Scene } from "@/parts/story/Scene";
import { usePages } from "@/parts/usePages";
import { complain, say } from "@/stores/acts/tell";
import { useMe } from "@/stores/store";
import { Button, IconButton } from "@/ui/Button";
import { Confirm } from "@/ui/Confirm";
import { classes } from "@/ui/classes";
import { Failure } from "@/ui/Empty";
import { Field } from "@/ui/Field";
import { Sheet } from "@/ui/Sheet";
import { Waiting } from "@/ui/Spinner";
import style from "./HighlightSheet.module.css";
import { shifted, toggled } from "./order";

const NAME_MAX = 30;

interface HighlightSheetProps {
  /** Null for a new one. */
  id: string | null;
  /** A story that a new one begins with. */
  storyId?: string;
  onClose: () => void;
}

interface Kept {
  name: string;
  picked: Story[];
  cover: string | null;
  place: number;
}

const NOTHING: Kept = { name: "", picked: [], cover: null, place: 0 };

/** Makes a highlight, or changes one: its name, which stories, in which order, under which cover. */
export function HighlightSheet({ id, storyId, onClose }: HighlightSheetProps) {
  const me = useMe();
  const [kept, setKept] = useState<Kept | null>(id || storyId ? null : NOTHING);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [wrong, setWrong] = useState<string | undefined>();
  const [busy, setBusy] = useState(false);
  const [asks, setAsks] = useState(false);
  const [key] = useState(randomKey);
  const text = m.telling.highlights;
  const name = me?.username ?? "";

  useEffect(() => {
    begin(id, storyId, name).then(setKept, (error) => setProblem(problemOf(error)));
  }, [id, storyId, name]);

  async function save() {
    if (!kept) return;
    const title = kept.name.trim();
    if (title === "") return setWrong(text.needName);
    setBusy(true);
    const what = {
      name: title,
      story_ids: kept.picked.map((story) => story.story_id),
      ...(kept.cover && { cover: kept.cover }),
    };
    try {
      await (id ? api.update(id, what) : api.create(what, key));
      highlightsChanged();
      say(text.saved);
      onClose();
    } catch (error) {
      setBusy(false);
      setWrong(problemOf(error).text);
    }
  }

  async function drop() {
    if (!id) return;
    try {
      await api.delete(id);
      highlightsChanged();
      onClose();
    } catch (error) {
      complain(error);
    }
  }

  async function move(by: 1 | -1) {
    if (!id || !kept) return;
    const place = Math.max(0, kept.place + by);
    try {
      const { place: now } = await api.update(id, { place });
      setKept({ ...kept, place: now });
      highlightsChanged();
    } catch (error) {
      complain(error);
    }
  }

  return (
    <Sheet
      title={id ? text.edit : text.newTitle}
      shape="tall"
      onClose={onClose}
      action={
        <Button
          look="primary"
          size="small"
          busy={busy}
          disabled={busy || !kept || kept.picked.length === 0}
          onClick={() => void save()}
        >
          {id ? m.common.save : text.create}
        </Button>
      }
    >
      {problem && <Failure {...problem} />}
      {!kept && !problem && <Waiting />}
      {kept && (
        <div className={style.body}>
          <Field
            label={text.name}
            hint={text.nameHint}
            value={kept.name}
            maxLength={NAME_MAX}
            problem={wrong}
            dir="auto"
            data-autofocus={id ? undefined : ""}
            onChange={(event) => {
              setWrong(undefined);
              setKept({ ...kept, name: event.target.value });
            }}
          />
          {kept.picked.length > 0 && <Order kept={kept} onChange={setKept} />}
          <h3 className={style.heading}>{text.picked(kept.picked.length)}</h3>
          <Choice
            picked={kept.picked}
            username={name}
            onToggle={(story) => {
              const picked = toggled(kept.picked, story);
              const cover = picked.some((one) => one.story_id === kept.cover) ? kept.cover : null;
              setKept({ ...kept, picked, cover });
            }}
          />
          {id && (
            <div className={style.foot}>
              <Button icon={<ChevronLeft size={18} />} onClick={() => void move(-1)}>
                {text.first}
              </Button>
              <Button icon={<ChevronRight size={18} />} onClick={() => void move(1)}>
                {text.last}
              </Button>
              <Button look="danger" icon={<Trash2 size={18} />} onClick={() => setAsks(true)}>
                {text.delete}
              </Button>
            </div>
          )}
        </div>
      )}
      {asks && (
        <Confirm
          title={text.deleteTitle(kept?.name ?? "")}
          hint={text.deleteHint}
          yes={text.delete}
          onYes={() => void drop()}
          onClose={() => setAsks(false)}
        />
      )}
    </Sheet>
  );
}

async function begin(id: string | null, storyId: string | undefined, me: string): Promise<Kept> {
  if (id) {
    const { name, stories, cover, place } = await api.get(id);
    return { name, picked: stories, cover: cover?.story_id ?? null, place };
  }
  if (!storyId) return NOTHING;
  const found = await storyOf(storyId, me);
  return { ...NOTHING, picked: found ? [found] : [] };
}

/** A story of one's own: it lives, or it stands in the archive. */
async function storyOf(id: string, me: string): Promise<Story | undefined> {
  const live = await telling.live(me);
  const found = live.find((story) => story.story_id === id);
  if (found) return found;
  const { data } = await telling.archive(null, 100);
  return data.stories.find((story) => story.story_id === id);
}

/** What was chosen, in the order in which it is played. */
function Order({ kept, onChange }: { kept: Kept; onChange: (kept: Kept) => void }) {
  const text = m.telling.highlights;
  const cover = kept.cover ?? kept.picked[0]?.story_id;
  const move = (place: number, by: 1 | -1) =>
    onChange({ ...kept, picked: shifted(kept.picked, place, by) });
  return (
    <>
      <h3 className={style.heading}>{text.order}</h3>
      <ol className={style.order}>
        {kept.picked.map((story, place) => (
          <li key={story.story_id} className={style.place}>
            <div className={style.small}>
              <Scene story={story} mode="thumb" sizes="5rem" />
              <button
                type="button"
                className={classes(style.cover, story.story_id === cover && style.is)}
                aria-pressed={story.story_id === cover}
                aria-label={text.asCover(place + 1)}
                title={text.cover}
                onClick={() => onChange({ ...kept, cover: story.story_id })}
              >
                <Star size={14} fill={story.story_id === cover ? "currentColor" : "none"} />
              </button>
            </div>
            <div className={style.moves}>
              <IconButton
                label={text.earlier}
                disabled={place === 0}
                onClick={() => move(place, -1)}
              >
                <ChevronLeft size={18} />
              </IconButton>
              <IconButton
                label={text.later}
                disabled={place === kept.picked.length - 1}
                onClick={() => move(place, 1)}
              >
                <ChevronRight size={18} />
              </IconButton>
            </div>
          </li>
        ))}
      </ol>
    </>
  );
}

const day = new Intl.DateTimeFormat("en", { day: "numeric", month: "short" });

interface ChoiceProps {
  picked: Story[];
  username: string;
  onToggle: (story: Story) => void;
}

/** Everything one has told and kept: what lives now first, then the archive. */
function Choice({ picked, username, onToggle }: ChoiceProps) {
  const pages = usePages<Story>(`tellable:${username}`, async (cursor) => {
    const { data, page } = await telling.archive(cursor);
    const live = cursor === null ? (await telling.live(username)).reverse() : [];
    const ready = live.filter((story) => story.status === "live");
    return { data: [...ready, ...data.stories], page };
  });
  const text = m.telling.highlights;
  if (pages.first) return <Waiting />;
  return (
    <>
      {pages.status === "ready" && pages.items.length === 0 && (
        <p className={style.none}>
          {text.noStories}. {text.noStoriesHint}
        </p>
      )}
      <ul className={style.grid}>
        {pages.items.map((story) => {
          const place = picked.findIndex((one) => one.story_id === story.story_id);
          const date = day.format(new Date(story.created_at));
          return (
            <li key={story.story_id}>
              <button
                type="button"
                className={style.tile}
                aria-pressed={place >= 0}
                data-story={story.story_id}
                onClick={() => onToggle(story)}
              >
                <Scene story={story} mode="thumb" sizes="8rem" />
                <span className={style.date} aria-hidden="true">
                  {date}
                </span>
                <span className="visually-hidden">{text.story(date)}</span>
                <span className={classes(style.tick, place >= 0 && style.on)} aria-hidden="true">
                  {place >= 0 ? place + 1 : ""}
                </span>
              </button>
            </li>
          );
        })}
      </ul>
      <More list={pages} />
    </>
  );
}
