import { Minus, Pencil, Plus, RotateCcw, RotateCw, Trash2 } from "lucide-react";
import { m } from "@/app/messages";
import { announce } from "@/ui/announce";
import { IconButton } from "@/ui/Button";
import { SCALE_STEP, scaled, TURN_STEP, turned } from "./place";
import style from "./StoryEditor.module.css";
import type { Layer, Thing } from "./scene";
import type { StoryDesk } from "./storyDesk";

interface LayerBarProps {
  desk: StoryDesk;
  itemId: string;
  layer: Layer;
  onEdit: () => void;
  onGone: () => void;
}

/** The same with buttons: for whoever has one finger, or none to spare. */
export function LayerBar({ desk, itemId, layer, onEdit, onGone }: LayerBarProps) {
  const text = m.telling.layer;
  function change(thing: Thing) {
    desk.remember(itemId);
    desk.put(itemId, { ...layer, thing });
  }
  return (
    <div className={style.layerBar} role="toolbar" aria-label={text.bar}>
      {layer.thing.kind !== "emoji" && (
        <IconButton label={text.edit} onClick={onEdit}>
          <Pencil size={20} />
        </IconButton>
      )}
      <IconButton label={text.smaller} onClick={() => change(scaled(layer.thing, 1 / SCALE_STEP))}>
        <Minus size={20} />
      </IconButton>
      <IconButton label={text.larger} onClick={() => change(scaled(layer.thing, SCALE_STEP))}>
        <Plus size={20} />
      </IconButton>
      <IconButton label={text.left} onClick={() => change(turned(layer.thing, -TURN_STEP))}>
        <RotateCcw size={20} />
      </IconButton>
      <IconButton label={text.right} onClick={() => change(turned(layer.thing, TURN_STEP))}>
        <RotateCw size={20} />
      </IconButton>
      <IconButton
        label={text.remove}
        onClick={() => {
          desk.remember(itemId);
          desk.drop(itemId, layer.id);
          announce(text.removed);
          onGone();
        }}
      >
        <Trash2 size={20} />
      </IconButton>
    </div>
  );
}
