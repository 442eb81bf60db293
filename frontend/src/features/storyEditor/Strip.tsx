import { m } from "@/app/messages";
import { AddTile, Tile } from "@/parts/picture/Tile";
import style from "./StoryEditor.module.css";
import { ITEMS_MAX, type Item, type StoryDesk } from "./storyDesk";

interface StripProps {
  desk: StoryDesk;
  items: Item[];
  selected: string;
  onSelect: (id: string) => void;
  onAdd: () => void;
}

function pictureOf({ picked, preview, still }: Item): string | null {
  return picked?.kind === "photo" ? preview : still;
}

/** The parts of the story in their order; each shows how far its bytes are. */
export function Strip({ desk, items, selected, onSelect, onAdd }: StripProps) {
  return (
    <ol className={style.strip}>
      {items.map((item, place) => (
        <Tile
          key={item.id}
          label={m.telling.item(place + 1, items.length)}
          sending={item}
          picture={pictureOf(item)}
          film={item.picked?.kind === "video"}
          upright
          chosen={item.id === selected}
          onChoose={() => onSelect(item.id)}
          removeLabel={m.telling.remove}
          onRemove={items.length > 1 ? () => desk.remove(item.id) : undefined}
        />
      ))}
      {items.length < ITEMS_MAX && <AddTile label={m.telling.add} upright onAdd={onAdd} />}
    </ol>
  );
}
