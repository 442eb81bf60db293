import { type CSSProperties, type FormEvent, useId, useState } from "react";
import { m } from "@/app/messages";
import type { StorySticker } from "@/app/types";
import { classes } from "@/ui/classes";
import type { SceneMode } from "./look";
import style from "./Sticker.module.css";

/** An index (poll, quiz), a text (question) or 0 to 1 (slider). */
export type OnAnswer = (stickerId: string, answer: number | string) => void;

interface StickerProps {
  sticker: StorySticker;
  mode: SceneMode;
  /** Missing where one can't answer: a thumb, the editor, one's own story. */
  onAnswer?: OnAnswer;
}

const ANSWER_MAX = 300;

export function StickerShape(props: StickerProps) {
  switch (props.sticker.kind) {
    case "poll":
    case "quiz":
      return <Choices {...props} />;
    case "slider":
      return <Slider {...props} />;
    case "question":
      return <Question {...props} />;
  }
}

function shareOf(sticker: StorySticker, place: number): number | null {
  const { counts, total } = sticker.results ?? {};
  if (!counts || !total) return counts ? 0 : null;
  return Math.round(((counts[place] ?? 0) / total) * 100);
}

/** A poll or a quiz: what was chosen is marked at once, the shares follow with the answer. */
function Choices({ sticker, mode, onAnswer }: StickerProps) {
  const chosen = sticker.answer;
  const open = mode === "viewer" && chosen === null && onAnswer !== undefined;
  return (
    <fieldset className={style.card}>
      <legend className={style.question} dir="auto">
        {sticker.question}
      </legend>
      <div className={style.options}>
        {sticker.options?.map((option, place) => {
          const share = shareOf(sticker, place);
          const told = sticker.kind === "quiz" && sticker.correct !== undefined && mode !== "thumb";
          const right = told && sticker.correct === place;
          const wrong = told && !right && chosen === place;
          return (
            <button
              // biome-ignore lint/suspicious/noArrayIndexKey: options never move, and may be the same twice.
              key={place}
              type="button"
              className={classes(
                style.option,
                chosen === place && style.mine,
                right && style.right,
                wrong && style.wrong,
              )}
              style={{ "--share": `${share ?? 0}%` } as CSSProperties}
              aria-pressed={chosen === place}
              disabled={!open}
              onClick={() => onAnswer?.(sticker.sticker_id, place)}
            >
              <span dir="auto">{option}</span>
              {share !== null && <span className="digits">{share}%</span>}
              {right && <span className="visually-hidden">{m.stories.right}</span>}
              {wrong && <span className="visually-hidden">{m.stories.wrong}</span>}
            </button>
          );
        })}
      </div>
      {sticker.results && <Total results={sticker.results.total} />}
    </fieldset>
  );
}

function Total({ results }: { results: number }) {
  return <p className={classes(style.total, "digits")}>{m.stories.answers(results)}</p>;
}

/** Let go to answer; then one's own place stands next to everybody's. */
function Slider({ sticker, mode, onAnswer }: StickerProps) {
  const [value, setValue] = useState(0.5);
  const label = useId();
  const open = mode === "viewer" && sticker.answer === null && onAnswer !== undefined;
  const shown = typeof sticker.answer === "number" ? sticker.answer : value;
  const average = sticker.results?.average;
  const send = () => open && onAnswer?.(sticker.sticker_id, value);
  return (
    <div className={style.card}>
      <p id={label} className={style.question} dir="auto">
        {sticker.prompt}
      </p>
      <div className={style.slider} style={{ "--at": shown } as CSSProperties}>
        <input
          type="range"
          min={0}
          max={1}
          step={0.01}
          value={shown}
          disabled={!open}
          aria-labelledby={label}
          aria-valuetext={`${Math.round(shown * 100)}%`}
          onChange={(event) => setValue(Number(event.target.value))}
          onPointerUp={send}
          onKeyDown={(event) => {
            if (event.key === "Enter") send();
          }}
        />
        <span className={style.track} aria-hidden="true" />
        {typeof average === "number" && (
          <span
            className={style.average}
            style={{ "--at": average } as CSSProperties}
            role="img"
            aria-label={m.stories.average(Math.round(average * 100))}
          />
        )}
        <span className={style.knob} aria-hidden="true">
          {sticker.emoji}
        </span>
      </div>
      {sticker.results && <Total results={sticker.results.total} />}
    </div>
  );
}

function Question({ sticker, mode, onAnswer }: StickerProps) {
  const [text, setText] = useState("");
  const open = mode === "viewer" && sticker.answer === null && onAnswer !== undefined;
  const words = text.trim();
  function submit(event: FormEvent) {
    event.preventDefault();
    if (words) onAnswer?.(sticker.sticker_id, words);
  }
  return (
    <form className={style.card} onSubmit={submit}>
      <p className={style.question} dir="auto">
        {sticker.prompt}
      </p>
      {typeof sticker.answer === "string" ? (
        <p className={style.said} dir="auto">
          {sticker.answer}
          <span>{m.stories.answered}</span>
        </p>
      ) : (
        <input
          className={style.write}
          value={text}
          maxLength={ANSWER_MAX}
          disabled={!open}
          placeholder={m.stories.writeAnswer}
          aria-label={sticker.prompt}
          enterKeyHint="send"
          onChange={(event) => setText(event.target.value)}
        />
      )}
      {words && sticker.answer === null && (
        <button type="submit" className={style.send}>
          {m.stories.sendAnswer}
        </button>
      )}
      {sticker.results && <Total results={sticker.results.total} />}
    </form>
  );
}
