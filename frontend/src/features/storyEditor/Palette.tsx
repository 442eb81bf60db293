import type { CSSProperties } from "react";
import { m } from "@/app/messages";
import { inkOf } from "@/parts/story/look";
import style from "./Palette.module.css";

interface PaletteProps<Colour extends string> {
  value: Colour;
  colours: readonly Colour[];
  onChange: (colour: Colour) => void;
}

/** The twelve colours of the contract. */
export function Palette<Colour extends keyof typeof m.telling.text.colours>(
  props: PaletteProps<Colour>,
) {
  return (
    <fieldset className={style.palette}>
      <legend className="visually-hidden">{m.telling.text.colour}</legend>
      {props.colours.map((colour) => (
        <button
          key={colour}
          type="button"
          className={style.colour}
          style={{ "--ink": inkOf(colour) } as CSSProperties}
          aria-label={m.telling.text.colours[colour]}
          aria-pressed={colour === props.value}
          onClick={() => props.onChange(colour)}
        />
      ))}
    </fieldset>
  );
}
