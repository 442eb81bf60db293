import { ChevronLeft, ChevronRight, CircleAlert, CircleCheck, Play, Plus, X } from "lucide-react";
import { useState } from "react";
import { m } from "@/app/messages";
import { stateOf } from "@/parts/picture/stateOf";
import { IconButton } from "@/ui/Button";
import { classes } from "@/ui/classes";
import { ProgressRing } from "@/ui/Spinner";
import style from "./Composer.module.css";
import { type Desk, ITEMS_MAX, type Item } from "./desk";

interface StripProps {
  desk: Desk;
  items: Item[];
  selected: string | undefined;
  onSelect: (id: string) => void;
  onAdd: () => void;
}

/** All photos and videos of the post, in order; each shows how far its upload is. */
export function Strip({ desk, items, selected, onSelect, onAdd }: StripProps) {
  const [dragged, setDragged] = useState<string | null>(null);
  const place = items.findIndex((item) => item.id === selected);
  return (
    <div className={style.strip}>
      <ol className={style.tiles}>
        {items.map((item, index) => (
          <li
            key={item.id}
            className={classes(style.tile, item.id === selected && style.selected)}
            draggable
            onDragStart={(event) => {
              setDragged(item.id);
              event.dataTransfer.effectAllowed = "move";
              event.dataTransfer.setData("text/plain", item.id);
            }}
            onDragEnter={() => dragged && dragged !== item.id && desk.move(dragged, index)}
            onDragOver={(event) => dragged && event.preventDefault()}
            onDragEnd={() => setDragged(null)}
          >
            <button
              type="button"
              className={style.pick}
              aria-current={item.id === selected}
              aria-label={`${m.post.of(item.kind, index + 1, items.length)}. ${stateOf(item)}`}
              onClick={() => onSelect(item.id)}
            >
              {item.preview && <img src={item.preview} alt="" draggable={false} />}
              {item.film && <Play className={style.film} size={14} fill="currentColor" />}
              <span className={classes(style.badge, item.stage === "failed" && style.bad)}>
                {item.stage === "done" ? (
                  <CircleCheck size={18} />
                ) : item.stage === "failed" ? (
                  <CircleAlert size={18} />
                ) : (
                  <ProgressRing percent={item.percent} size={18} />
                )}
              </span>
            </button>
            <button
              type="button"
              className={style.remove}
              aria-label={m.composer.remove}
              onClick={() => desk.remove(item.id)}
            >
              <X size={12} strokeWidth={3} />
            </button>
          </li>
        ))}
        {items.length < ITEMS_MAX && (
          <li className={style.tile}>
            <button type="button" className={style.add} aria-label={m.composer.add} onClick={onAdd}>
              <Plus size={22} />
            </button>
          </li>
        )}
      </ol>
      {items.length > 1 && selected && (
        <div className={style.order}>
          <IconButton
            label={m.composer.earlier}
            disabled={place <= 0}
            onClick={() => desk.move(selected, place - 1)}
          >
            <ChevronLeft size={20} />
          </IconButton>
          <IconButton
            label={m.composer.later}
            disabled={place === items.length - 1}
            onClick={() => desk.move(selected, place + 1)}
          >
            <ChevronRight size={20} />
          </IconButton>
        </div>
      )}
    </div>
  );
}
