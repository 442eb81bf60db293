import { useState } from "react";
import style from "./Avatar.module.css";
import { classes } from "./classes";

interface Face {
  username: string;
  full_name: string;
  profile_picture: string | null;
}

export type AvatarSize = "tiny" | "small" | "normal" | "story" | "large" | "huge";

const HUES = [25, 60, 100, 150, 190, 240, 285, 330];

/** The same person has the same hue everywhere. */
function hueOf(text: string): number {
  let sum = 0;
  for (const char of text) sum = (sum * 31 + (char.codePointAt(0) ?? 0)) % 997;
  return HUES[sum % HUES.length] ?? 0;
}

/** Decorative: the name always stands beside it, or labels the link around it. */
export function Avatar({ user, size = "normal" }: { user: Face; size?: AvatarSize }) {
  const [broken, setBroken] = useState<string | null>(null);
  const picture = user.profile_picture !== broken ? user.profile_picture : null;
  const initial = [...(user.full_name.trim() || user.username)][0]?.toUpperCase() ?? "";
  return (
    <span
      className={classes(style.avatar, style[size])}
      style={picture ? undefined : { background: `oklch(0.62 0.09 ${hueOf(user.username)})` }}
      aria-hidden="true"
    >
      {picture ? (
        <img
          src={picture}
          alt=""
          loading="lazy"
          decoding="async"
          onError={() => setBroken(picture)}
        />
      ) : (
        initial
      )}
    </span>
  );
}
