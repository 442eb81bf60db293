import { AlignCenter, AlignLeft, AlignRight, Square, SquareDashed, Type } from "lucide-react";
import { type CSSProperties, useState } from "react";
import { m } from "@/app/messages";
import type { NewOverlay } from "@/app/types";
import { COLOURS, FONTS, inkOf, inkOn } from "@/parts/story/look";
import overlay from "@/parts/story/Overlay.module.css";
import { Button, IconButton } from "@/ui/Button";
import { classes } from "@/ui/classes";
import { Palette } from "./Palette";
import { Room } from "./Room";
import { MIDDLE, TEXT_MAX } from "./scene";
import style from "./TextBox.module.css";

export type TextThing = Extract<NewOverlay, { kind: "text" }>;

export const NEW_TEXT: TextThing = {
  kind: "text",
  text: "",
  font: "classic",
  color: "white",
  background: "none",
  align: "center",
  ...MIDDLE,
};

const ALIGNS = ["center", "left", "right"] as const;
const BACKGROUNDS = ["none", "soft", "solid"] as const;
const ALIGN_ICONS = { center: AlignCenter, left: AlignLeft, right: AlignRight };
const BACKGROUND_ICONS = { none: Type, soft: SquareDashed, solid: Square };

const after = <T,>(all: readonly T[], one: T): T => all[(all.indexOf(one) + 1) % all.length] as T;

interface TextBoxProps {
  thing: TextThing;
  /** With nothing written: it is to go. */
  onDone: (thing: TextThing | null) => void;
}

/** Writing on the picture, in the letters in which it will stand there. */
export function TextBox({ thing, onDone }: TextBoxProps) {
  const [text, setText] = useState(thing);
  const change = (part: Partial<TextThing>) => setText((before) => ({ ...before, ...part }));
  const words = text.text.trim();
  const done = () => onDone(words ? { ...text, text: words } : null);
  const AlignIcon = ALIGN_ICONS[text.align];
  const BackgroundIcon = BACKGROUND_ICONS[text.background];
  return (
    <Room title={m.telling.text.title} className={style.room} onClose={done}>
      <div className={style.top}>
        <IconButton
          label={m.telling.text.align[text.align]}
          onClick={() => change({ align: after(ALIGNS, text.align) })}
        >
          <AlignIcon size={22} />
        </IconButton>
        <IconButton
          label={m.telling.text.background[text.background]}
          onClick={() => change({ background: after(BACKGROUNDS, text.background) })}
        >
          <BackgroundIcon size={22} />
        </IconButton>
        <span className={style.gap} />
        <Button look="primary" onClick={done}>
          {m.common.done}
        </Button>
      </div>
      <div className={style.middle}>
        <div className={style.column}>
          <textarea
            data-autofocus
            className={classes(overlay.text, overlay[text.font], style.write)}
            style={
              {
                "--ink": inkOf(text.color),
                textAlign: text.align,
                ...(text.background === "solid" && {
                  background: inkOf(text.color),
                  color: inkOn(text.color),
                  textShadow: "none",
                }),
                ...(text.background === "soft" && { background: "var(--scrim)" }),
              } as CSSProperties
            }
            value={text.text}
            maxLength={TEXT_MAX}
            dir="auto"
            aria-label={m.telling.text.write}
            placeholder={m.telling.text.write}
            onChange={(event) => change({ text: event.target.value })}
            onKeyDown={(event) => {
              if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) done();
            }}
          />
        </div>
      </div>
      <fieldset className={style.fonts}>
        <legend className="visually-hidden">{m.telling.text.font}</legend>
        {FONTS.map((font) => (
          <button
            key={font}
            type="button"
            className={classes(style.font, font === text.font && style.on)}
            aria-pressed={font === text.font}
            onClick={() => change({ font })}
          >
            <span className={classes(overlay.text, overlay[font], style.sample)}>
              {m.telling.text.fonts[font]}
            </span>
          </button>
        ))}
      </fieldset>
      <Palette value={text.color} colours={COLOURS} onChange={(color) => change({ color })} />
    </Room>
  );
}
