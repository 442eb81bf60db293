import { CircleAlert, CircleCheck, Plus, X } from "lucide-react";
import { m } from "@/app/messages";
import { stateOf } from "@/parts/picture/stateOf";
import { classes } from "@/ui/classes";
import { ProgressRing } from "@/ui/Spinner";
import style from "./StoryEditor.module.css";
import { ITEMS_MAX, type Item, type StoryDesk } from "./storyDesk";

function Badge({ item }: { item: Item }) {
  if (item.stage === "done") return <CircleCheck size={16} aria-hidden />;
  if (item.stage === "failed") return <CircleAlert size={16} aria-hidden />;
  return <ProgressRing percent={item.percent} size={16} />;
}

interface StripProps {
  desk: StoryDesk;
  items: Item[];
  selected: string;
  onSelect: (id: string) => void;
  onAdd: () => void;
}

/** The parts of the story in their order; each shows how far its bytes are. */
export function Strip({ desk, items, selected, onSelect, onAdd }: StripProps) {
  return (
    <ol className={style.strip}>
      {items.map((item, place) => (
        <li key={item.id} className={classes(style.tile, item.id === selected && style.chosen)}>
          <button
            type="button"
            className={style.pick}
            aria-current={item.id === selected}
            aria-label={`${m.telling.item(place + 1, items.length)}. ${stateOf(item)}`}
            onClick={() => onSelect(item.id)}
          >
            {item.preview && item.picked?.kind === "photo" && (
              <img src={item.preview} alt="" draggable={false} />
            )}
            {item.still && <img src={item.still} alt="" draggable={false} />}
            <span className={classes(style.badge, item.stage === "failed" && style.bad)}>
              <Badge item={item} />
            </span>
          </button>
          {items.length > 1 && (
            <button
              type="button"
              className={style.out}
              aria-label={m.telling.remove}
              onClick={() => desk.remove(item.id)}
            >
              <X size={12} strokeWidth={3} />
            </button>
          )}
        </li>
      ))}
      {items.length < ITEMS_MAX && (
        <li className={style.tile}>
          <button type="button" className={style.plus} aria-label={m.telling.add} onClick={onAdd}>
            <Plus size={20} />
          </button>
        </li>
      )}
    </ol>
  );
}
