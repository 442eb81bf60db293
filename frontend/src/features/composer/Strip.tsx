import { ChevronLeft, ChevronRight } from "lucide-react";
import { useState } from "react";
import { m } from "@/app/messages";
import { AddTile, Tile } from "@/parts/picture/Tile";
import { IconButton } from "@/ui/Button";
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
          <Tile
            key={item.id}
            label={m.post.of(item.kind, index + 1, items.length)}
            sending={item}
            picture={item.preview}
            film={item.film !== null}
            chosen={item.id === selected}
            onChoose={() => onSelect(item.id)}
            removeLabel={m.composer.remove}
            onRemove={() => desk.remove(item.id)}
            draggable
            onDragStart={(event) => {
              setDragged(item.id);
              event.dataTransfer.effectAllowed = "move";
              event.dataTransfer.setData("text/plain", item.id);
            }}
            onDragEnter={() => dragged && dragged !== item.id && desk.move(dragged, index)}
            onDragOver={(event) => dragged && event.preventDefault()}
            onDragEnd={() => setDragged(null)}
          />
        ))}
        {items.length < ITEMS_MAX && <AddTile label={m.composer.add} onAdd={onAdd} />}
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
