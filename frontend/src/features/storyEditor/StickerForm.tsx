import { CircleMinus, Plus } from "lucide-react";
import { type FormEvent, useState } from "react";
import { m } from "@/app/messages";
import { usePeople } from "@/parts/person/usePeople";
import { Avatar } from "@/ui/Avatar";
import { Button, IconButton } from "@/ui/Button";
import { Field } from "@/ui/Field";
import { Sheet } from "@/ui/Sheet";
import { PersonRowSkeleton } from "@/ui/Skeleton";
import { type Draft, type Drafted, thingOf } from "./draft";
import style from "./StickerForm.module.css";
import { EMOJI } from "./StickerTray";
import { OPTION_MAX, QUESTION_MAX, type Thing } from "./scene";

interface StickerFormProps {
  draft: Draft;
  onDone: (thing: Thing) => void;
  onClose: () => void;
}

const OPTIONS_MAX = 4;

/** What a sticker says. It stays open until the server would take it. */
export function StickerForm({ draft: first, onDone, onClose }: StickerFormProps) {
  const [draft, setDraft] = useState(first);
  const [problems, setProblems] = useState<Drafted["problems"]>({});
  const change = (part: Partial<Draft>) => setDraft((before) => ({ ...before, ...part }));

  function submit(event?: FormEvent) {
    event?.preventDefault();
    const made = thingOf(draft);
    setProblems(made.problems);
    if (made.thing) onDone(made.thing);
  }

  const title = m.telling.stickers[draft.kind];
  if (draft.kind === "mention") {
    return (
      <Sheet title={title} shape="tall" onClose={onClose}>
        <Mention
          onPick={(text) =>
            onDone({ ...draft.place, kind: "mention", username: text, color: "white" })
          }
        />
      </Sheet>
    );
  }
  const asks = draft.kind === "poll" || draft.kind === "quiz";
  return (
    <Sheet
      title={title}
      onClose={onClose}
      action={
        <Button look="primary" size="small" onClick={() => submit()}>
          {m.common.done}
        </Button>
      }
    >
      <form className={style.form} onSubmit={submit} noValidate>
        <Field
          data-autofocus
          label={labelOf(draft.kind)}
          value={draft.text}
          maxLength={maxOf(draft.kind)}
          hint={draft.kind === "hashtag" ? m.telling.stickers.tagHint : undefined}
          problem={problems.text}
          autoComplete="off"
          inputMode={draft.kind === "link" ? "url" : "text"}
          dir="auto"
          onChange={(event) => change({ text: event.target.value })}
        />
        {draft.kind === "link" && (
          <Field
            label={m.telling.stickers.label}
            value={draft.label}
            maxLength={60}
            dir="auto"
            onChange={(event) => change({ label: event.target.value })}
          />
        )}
        {asks && <Options draft={draft} problems={problems} onChange={change} />}
        {draft.kind === "slider" && (
          <Emoji
            value={draft.emoji}
            problem={problems.emoji}
            onChange={(emoji) => change({ emoji })}
          />
        )}
        <button type="submit" hidden />
      </form>
    </Sheet>
  );
}

function labelOf(kind: Draft["kind"]): string {
  if (kind === "link") return m.telling.stickers.url;
  if (kind === "place") return m.telling.stickers.placeName;
  return kind === "hashtag" ? m.telling.stickers.hashtag : m.telling.stickers.asked;
}

function maxOf(kind: Draft["kind"]): number {
  if (kind === "link") return 2_048;
  if (kind === "place") return 120;
  return kind === "hashtag" ? 51 : QUESTION_MAX;
}

interface OptionsProps {
  draft: Draft;
  problems: Drafted["problems"];
  onChange: (part: Partial<Draft>) => void;
}

/** Two to four; of a quiz one of them is marked as right. */
function Options({ draft, problems, onChange }: OptionsProps) {
  const { options, correct, kind } = draft;
  const text = m.telling.stickers;
  return (
    <fieldset className={style.options}>
      <legend className="visually-hidden">{text.poll}</legend>
      {kind === "quiz" && <p className={style.hint}>{text.rightHint}</p>}
      {options.map((option, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: an option is its place.
        <div key={place} className={style.option}>
          {kind === "quiz" && (
            <input
              type="radio"
              name="correct"
              className={style.right}
              aria-label={text.right(place + 1)}
              checked={correct === place}
              onChange={() => onChange({ correct: place })}
            />
          )}
          <Field
            label={text.option(place + 1)}
            value={option}
            maxLength={OPTION_MAX}
            problem={problems[`option${place}`]}
            dir="auto"
            onChange={(event) =>
              onChange({
                options: options.map((other, at) => (at === place ? event.target.value : other)),
              })
            }
          />
          {options.length > 2 && (
            <IconButton
              label={text.dropOption(place + 1)}
              onClick={() =>
                onChange({
                  options: options.filter((_option, at) => at !== place),
                  correct:
                    correct > place || correct >= options.length - 1
                      ? Math.max(0, correct - 1)
                      : correct,
                })
              }
            >
              <CircleMinus size={20} />
            </IconButton>
          )}
        </div>
      ))}
      {options.length < OPTIONS_MAX && (
        <Button
          look="text"
          icon={<Plus size={18} />}
          onClick={() => onChange({ options: [...options, ""] })}
        >
          {text.addOption}
        </Button>
      )}
    </fieldset>
  );
}

const SLIDER_EMOJI = EMOJI.slice(0, 20);

function Emoji(props: { value: string; problem?: string; onChange: (emoji: string) => void }) {
  return (
    <>
      <ul className={style.emoji} aria-label={m.telling.stickers.emoji}>
        {SLIDER_EMOJI.map((emoji) => (
          <li key={emoji}>
            <button
              type="button"
              aria-pressed={emoji === props.value}
              onClick={() => props.onChange(emoji)}
            >
              {emoji}
            </button>
          </li>
        ))}
      </ul>
      <Field
        label={m.telling.stickers.anyEmoji}
        value={props.value}
        maxLength={16}
        problem={props.problem}
        onChange={(event) => props.onChange(event.target.value)}
      />
    </>
  );
}

const PLACES = [1, 2, 3, 4, 5];

function Mention({ onPick }: { onPick: (username: string) => void }) {
  const [words, setWords] = useState("");
  const people = usePeople(words);
  return (
    <>
      <div className={style.search}>
        <input
          type="search"
          data-autofocus
          placeholder={m.telling.stickers.person}
          aria-label={m.telling.stickers.person}
          value={words}
          autoComplete="off"
          onChange={(event) => setWords(event.target.value)}
        />
      </div>
      {people === null && PLACES.map((place) => <PersonRowSkeleton key={place} />)}
      {people?.length === 0 && <p className={style.none}>{m.telling.stickers.nobody}</p>}
      <ul>
        {people?.map((user) => (
          <li key={user.user_id}>
            <button type="button" className={style.person} onClick={() => onPick(user.username)}>
              <Avatar user={user} />
              <span>
                <strong>{user.username}</strong>
                <span>{user.full_name}</span>
              </span>
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}
