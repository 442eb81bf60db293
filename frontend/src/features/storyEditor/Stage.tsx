import { Trash2 } from "lucide-react";
import { useRef, useState } from "react";
import { m } from "@/app/messages";
import type { Story } from "@/app/types";
import { OverlayShape } from "@/parts/story/OverlayShape";
import { Placed } from "@/parts/story/Placed";
import { Scene } from "@/parts/story/Scene";
import { announce } from "@/ui/announce";
import { classes } from "@/ui/classes";
import { LayerBox } from "./LayerBox";
import { Medium } from "./Medium";
import style from "./Stage.module.css";
import { inOrder, type Layer, overlayShown } from "./scene";
import type { Item, StoryDesk } from "./storyDesk";

interface StageProps {
  desk: StoryDesk;
  item: Item;
  again: Story | null;
  selected: string | null;
  onSelect: (id: string | null) => void;
  onEdit: (layer: Layer) => void;
}

const NO_MEDIUM = {
  url: null,
  sources: [],
  alt_text: "",
  width: null,
  height: null,
  type: "photo" as const,
};

/** The picture in its frame, exactly as it will be seen, with everything on it within reach. */
export function Stage({ desk, item, again, selected, onSelect, onEdit }: StageProps) {
  const frame = useRef<HTMLDivElement>(null);
  const [drag, setDrag] = useState<"away" | "bin" | null>(null);
  const natural = item.decoded?.natural;
  const story = {
    media: again?.media ?? {
      ...NO_MEDIUM,
      width: natural?.width ?? null,
      height: natural?.height ?? null,
      thumbhash: item.thumbhash,
    },
    overlays: [],
    stickers: [],
    filter: item.filter,
  };
  const centred = inOrder(item.layers).find((layer) => layer.id === selected)?.thing;
  return (
    <div ref={frame} className={style.frame} data-stage="">
      <Scene
        story={story}
        mode="edit"
        eager
        sizes="34rem"
        medium={again ? undefined : <Medium desk={desk} item={item} onTap={() => onSelect(null)} />}
      >
        <div className={style.layers}>
          {again?.overlays.map((overlay, place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: another's overlays never move.
            <Placed key={place} at={overlay}>
              <OverlayShape overlay={overlay} mode="edit" />
            </Placed>
          ))}
          {inOrder(item.layers).map((layer) =>
            layer.thing.kind === "drawing" ? (
              <Placed key={layer.id} at={layer.thing}>
                <OverlayShape overlay={overlayShown(layer.thing)} mode="edit" />
              </Placed>
            ) : (
              <LayerBox
                key={layer.id}
                layer={layer}
                frame={frame}
                selected={layer.id === selected}
                leaving={layer.id === selected && drag === "bin"}
                onSelect={() => onSelect(layer.id)}
                onBegin={() => desk.remember(item.id)}
                onChange={(thing) => desk.put(item.id, { ...layer, thing })}
                onDrag={setDrag}
                onRemove={() => {
                  desk.drop(item.id, layer.id);
                  onSelect(null);
                  announce(m.telling.layer.removed);
                }}
                onEdit={() => onEdit(layer)}
              />
            ),
          )}
        </div>
        {drag && centred && (
          <>
            {centred.x === 0.5 && <span className={style.guideX} aria-hidden="true" />}
            {centred.y === 0.5 && <span className={style.guideY} aria-hidden="true" />}
            <span className={classes(style.bin, drag === "bin" && style.open)} aria-hidden="true">
              <Trash2 />
            </span>
          </>
        )}
      </Scene>
    </div>
  );
}
