import { m } from "@/app/messages";
import { FILTERS } from "@/parts/story/look";
import { filterClass } from "@/parts/story/Scene";
import { classes } from "@/ui/classes";
import style from "./Filters.module.css";
import type { Item, StoryDesk } from "./storyDesk";

/** The ten looks, each on the picture itself. */
export function Filters({ desk, item }: { desk: StoryDesk; item: Item }) {
  return (
    <fieldset className={style.filters}>
      <legend className="visually-hidden">{m.telling.filters.title}</legend>
      {FILTERS.map((filter) => (
        <button
          key={filter}
          type="button"
          className={classes(style.filter, filter === item.filter && style.on)}
          aria-pressed={filter === item.filter}
          onClick={() => filter !== item.filter && desk.change(item.id, { filter })}
        >
          <span className={style.look}>
            {item.preview && item.picked?.kind === "photo" ? (
              <img className={filterClass(filter)} src={item.preview} alt="" draggable={false} />
            ) : (
              <span className={classes(style.sample, filterClass(filter))} />
            )}
          </span>
          {m.telling.filters[filter]}
        </button>
      ))}
    </fieldset>
  );
}
