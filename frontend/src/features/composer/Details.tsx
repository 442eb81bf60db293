import { MapPin, UserRound, X } from "lucide-react";
import { m } from "@/app/messages";
import { AudiencePicker } from "@/parts/audience/AudiencePicker";
import { tagsIn } from "@/parts/richText";
import { useMe } from "@/stores/store";
import { Avatar } from "@/ui/Avatar";
import { classes } from "@/ui/classes";
import style from "./Details.module.css";
import type { Desk, Item } from "./desk";

export const CAPTION_MAX = 2_200;
const CAPTION_NEAR = 200;
const TAGS_MAX = 30;
const PLACE_MAX = 120;
const ALT_MAX = 1_000;

/** Why it can't be shared as it stands; nothing when it can. */
export function captionProblem(caption: string): string | null {
  const length = [...caption].length;
  if (length > CAPTION_MAX) return m.composer.captionLong(length - CAPTION_MAX);
  if (tagsIn(caption) > TAGS_MAX) return m.composer.tagsMany;
  return null;
}

interface DetailsProps {
  desk: Desk;
  caption: string;
  place: string;
  audience: string;
  item: Item;
  tagging: boolean;
  onTagging: (on: boolean) => void;
}

export function Details(props: DetailsProps) {
  const { desk, caption, place, audience, item, tagging, onTagging } = props;
  const me = useMe();
  const left = CAPTION_MAX - [...caption].length;
  const problem = captionProblem(caption);
  if (!me) return null;
  return (
    <div className={style.details}>
      <div className={style.author}>
        <Avatar user={me} size="small" /> {me.username}
      </div>
      <textarea
        className={style.caption}
        value={caption}
        placeholder={m.composer.caption}
        aria-label={m.composer.caption}
        aria-invalid={problem !== null}
        aria-describedby="caption-note"
        rows={4}
        onChange={(event) => desk.write({ caption: event.target.value })}
      />
      <p
        id="caption-note"
        className={classes(style.counter, "digits", problem && style.bad)}
        aria-live="polite"
      >
        {problem ?? (left <= CAPTION_NEAR ? m.composer.left(left) : "")}
      </p>
      <label className={style.row}>
        <MapPin size={20} aria-hidden />
        <input
          className={style.bare}
          value={place}
          maxLength={PLACE_MAX}
          placeholder={m.composer.location}
          aria-label={m.composer.location}
          onChange={(event) => desk.write({ place: event.target.value })}
        />
      </label>
      <div className={style.row}>
        <AudiencePicker value={audience} onChange={(next) => desk.write({ audience: next })} />
      </div>
      <div className={style.row}>
        <button
          type="button"
          className={style.toggle}
          aria-pressed={tagging}
          onClick={() => onTagging(!tagging)}
        >
          <UserRound size={20} aria-hidden />
          {m.composer.tag}
        </button>
        {tagging && <span className={style.hint}>{m.composer.tagHint}</span>}
      </div>
      {item.tags.length > 0 && (
        <ul className={style.tags}>
          {item.tags.map((tag) => (
            <li key={tag.username}>
              @{tag.username}
              <button
                type="button"
                aria-label={m.composer.removeTag(tag.username)}
                onClick={() =>
                  desk.patch(item.id, {
                    tags: item.tags.filter((other) => other.username !== tag.username),
                  })
                }
              >
                <X size={14} />
              </button>
            </li>
          ))}
        </ul>
      )}
      <label className={classes(style.row, style.alt)}>
        <span className={style.altLabel}>{m.composer.altLabel}</span>
        <textarea
          className={style.bare}
          value={item.alt}
          rows={2}
          maxLength={ALT_MAX}
          placeholder={m.composer.alt}
          onChange={(event) => desk.patch(item.id, { alt: event.target.value })}
        />
      </label>
    </div>
  );
}
