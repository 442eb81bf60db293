import {
  Brush,
  Maximize,
  Minimize,
  Palette as PaletteIcon,
  Settings2,
  Sticker,
  Type,
  Undo2,
  X,
  ZoomIn,
} from "lucide-react";
import { useState } from "react";
import { randomKey } from "@/api/key";
import { m } from "@/app/messages";
import type { Story } from "@/app/types";
import { AudiencePicker } from "@/parts/audience/AudiencePicker";
import { ZOOM_MAX } from "@/parts/picture/crop";
import { stateOf } from "@/parts/picture/stateOf";
import { say } from "@/stores/acts/tell";
import { Button, IconButton } from "@/ui/Button";
import { type Drawing, DrawPad } from "./DrawPad";
import { type Draft, draftFrom, draftOf } from "./draft";
import { Filters } from "./Filters";
import { LayerBar } from "./LayerBar";
import { filling } from "./Medium";
import { Options } from "./Options";
import { Stage } from "./Stage";
import { StickerForm } from "./StickerForm";
import { StickerTray } from "./StickerTray";
import style from "./StoryEditor.module.css";
import { Strip } from "./Strip";
import { fullFor, type Layer, MIDDLE, type Thing } from "./scene";
import type { DeskState, Item, StoryDesk } from "./storyDesk";
import { NEW_TEXT, TextBox, type TextThing } from "./TextBox";

/** What stands over the stage: one at a time. The layer it changes, or none for a new one. */
type Open =
  | { is: "text"; layerId: string | null; thing: TextThing }
  | { is: "tray" }
  | { is: "form"; layerId: string | null; draft: Draft }
  | { is: "draw" }
  | { is: "filters" }
  | { is: "options" };

interface DeskProps {
  desk: StoryDesk;
  state: DeskState;
  item: Item;
  again: Story | null;
  onSelect: (id: string) => void;
  onAdd: () => void;
  onClose: () => void;
  onShare: () => void;
}

/** The stage with one part of the story on it, and the tools around. */
export function Desk(props: DeskProps) {
  const { desk, state, item, again, onSelect, onAdd, onClose, onShare } = props;
  const [selected, setSelected] = useState<string | null>(null);
  const [open, setOpen] = useState<Open | null>(null);
  const layer = item.layers.find((one) => one.id === selected);
  const drawing = item.layers.find(({ thing }) => thing.kind === "drawing");
  const failed = state.items.some((one) => one.stage === "failed");

  function may(kind: Thing["kind"]): boolean {
    const full = fullFor(item.layers, kind);
    if (full) say(full);
    return full === null;
  }

  /** Lays a new thing, or puts a changed one in its place. */
  function lay(thing: Thing, layerId: string | null) {
    setOpen(null);
    if (layerId) {
      desk.remember(item.id);
      desk.put(item.id, { id: layerId, thing });
      return;
    }
    if (!may(thing.kind)) return;
    const id = randomKey();
    desk.lay(item.id, { id, thing });
    setSelected(id);
  }

  function edit({ id, thing }: Layer) {
    if (thing.kind === "text") return setOpen({ is: "text", layerId: id, thing });
    const draft = draftFrom(thing);
    if (draft) setOpen({ is: "form", layerId: id, draft });
  }

  function setStrokes(strokes: Drawing["strokes"]) {
    setOpen(null);
    const others = item.layers.filter(({ id }) => id !== drawing?.id);
    const place = { x: 0.5, y: 0.5, rotation: 0, scale: 1 };
    const made: Layer[] =
      strokes.length > 0
        ? [{ id: drawing?.id ?? randomKey(), thing: { ...place, kind: "drawing", strokes } }]
        : [];
    // Under everything else: one writes on a drawing, and its lines cover nobody's words.
    desk.change(item.id, { layers: [...made, ...others] });
  }

  const photo = item.picked?.kind === "photo" && item.decoded !== null;
  const offersFill =
    photo && item.decoded && (item.crop !== null || !filling(item.decoded.natural));
  const offersZoom = photo && item.decoded;
  const toggle = (is: "filters") => setOpen(open?.is === is ? null : { is });

  return (
    <div className={style.desk}>
      <div className={style.stage}>
        <div className={style.fit}>
          <Stage
            desk={desk}
            item={item}
            again={again}
            selected={open?.is === "draw" ? null : selected}
            onSelect={setSelected}
            onEdit={edit}
          />
          {open?.is === "draw" ? (
            <DrawPad
              strokes={drawing?.thing.kind === "drawing" ? drawing.thing.strokes : []}
              onDone={setStrokes}
            />
          ) : (
            <>
              <div className={style.above}>
                <IconButton label={m.common.close} over="media" onClick={onClose}>
                  <X size={20} />
                </IconButton>
                <span className={style.gap} />
                <IconButton
                  label={m.telling.undo}
                  over="media"
                  disabled={item.past.length === 0}
                  onClick={() => desk.undo(item.id)}
                >
                  <Undo2 size={18} />
                </IconButton>
              </div>
              <div className={style.tools} role="toolbar" aria-label={m.telling.title}>
                <IconButton
                  label={m.telling.tools.text}
                  over="media"
                  onClick={() =>
                    may("text") && setOpen({ is: "text", layerId: null, thing: NEW_TEXT })
                  }
                >
                  <Type size={20} />
                </IconButton>
                <IconButton
                  label={m.telling.tools.sticker}
                  over="media"
                  aria-haspopup="dialog"
                  onClick={() => setOpen({ is: "tray" })}
                >
                  <Sticker size={20} />
                </IconButton>
                <IconButton
                  label={m.telling.tools.draw}
                  over="media"
                  onClick={() => {
                    if (!drawing && !may("drawing")) return;
                    setSelected(null);
                    setOpen({ is: "draw" });
                  }}
                >
                  <Brush size={20} />
                </IconButton>
                {!again && (
                  <IconButton
                    label={m.telling.tools.filter}
                    over="media"
                    aria-expanded={open?.is === "filters"}
                    onClick={() => toggle("filters")}
                  >
                    <PaletteIcon size={20} />
                  </IconButton>
                )}
                {offersFill && (
                  <IconButton
                    label={item.crop ? m.telling.fit : m.telling.fill}
                    over="media"
                    onClick={() => desk.setFill(item.id, item.crop === null)}
                  >
                    {item.crop ? <Minimize size={20} /> : <Maximize size={20} />}
                  </IconButton>
                )}
                {offersZoom && !item.crop && filling(offersZoom.natural) && (
                  <IconButton
                    label={m.telling.zoom}
                    over="media"
                    onClick={() => desk.setFill(item.id, true)}
                  >
                    <ZoomIn size={20} />
                  </IconButton>
                )}
                {!again && (
                  <IconButton
                    label={m.telling.tools.options}
                    over="media"
                    aria-haspopup="dialog"
                    onClick={() => setOpen({ is: "options" })}
                  >
                    <Settings2 size={20} />
                  </IconButton>
                )}
              </div>
            </>
          )}
        </div>
      </div>
      <div className={style.below}>
        <h1 className={style.heading}>{again ? m.telling.again.title : m.telling.title}</h1>
        {again && <p className={style.by}>{m.telling.again.by(again.user.username)}</p>}
        {layer ? (
          <LayerBar
            desk={desk}
            itemId={item.id}
            layer={layer}
            onEdit={() => edit(layer)}
            onGone={() => setSelected(null)}
          />
        ) : (
          item.crop &&
          item.decoded && (
            <label className={style.zoom}>
              <ZoomIn size={18} aria-hidden />
              <input
                type="range"
                min={1}
                max={ZOOM_MAX}
                step={0.01}
                value={item.crop.zoom}
                aria-label={m.telling.zoom}
                onChange={(event) => desk.recut(item.id, { zoom: Number(event.target.value) })}
              />
            </label>
          )
        )}
        {open?.is === "filters" && <Filters desk={desk} item={item} />}
        {item.stage === "failed" && (
          <div className={style.failure} role="alert">
            <p>{stateOf(item)}</p>
            <Button size="small" onClick={() => desk.retry(item.id)}>
              {m.common.retry}
            </Button>
          </div>
        )}
        {!again && (
          <Strip
            desk={desk}
            items={state.items}
            selected={item.id}
            onSelect={onSelect}
            onAdd={onAdd}
          />
        )}
        <div className={style.last}>
          <AudiencePicker
            look="pill"
            value={state.audience}
            onChange={(audience) => desk.write({ audience })}
          />
          <Button look="primary" size="large" disabled={failed} onClick={onShare}>
            {m.telling.share}
          </Button>
        </div>
      </div>
      {open?.is === "text" && (
        <TextBox
          thing={open.thing}
          onDone={(thing) => {
            const { layerId } = open;
            if (thing) return lay(thing, layerId);
            setOpen(null);
            if (!layerId) return;
            desk.remember(item.id);
            desk.drop(item.id, layerId);
          }}
        />
      )}
      {open?.is === "tray" && (
        <StickerTray
          overlaysOnly={again !== null}
          onKind={(kind) =>
            may(kind) && setOpen({ is: "form", layerId: null, draft: draftOf(kind) })
          }
          onEmoji={(emoji) => lay({ ...MIDDLE, kind: "emoji", emoji }, null)}
          onClose={() => setOpen(null)}
        />
      )}
      {open?.is === "form" && (
        <StickerForm
          draft={open.draft}
          onDone={(thing) => lay(thing, open.layerId)}
          onClose={() => setOpen(null)}
        />
      )}
      {open?.is === "options" && (
        <Options desk={desk} state={state} item={item} onClose={() => setOpen(null)} />
      )}
    </div>
  );
}
