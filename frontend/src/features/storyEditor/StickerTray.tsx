import {
  AtSign,
  ChartNoAxesColumn,
  CircleQuestionMark,
  Hash,
  Link2,
  ListChecks,
  type LucideIcon,
  MapPin,
  SlidersHorizontal,
} from "lucide-react";
import type { CSSProperties } from "react";
import { m } from "@/app/messages";
import { Sheet } from "@/ui/Sheet";
import style from "./StickerTray.module.css";
import type { Kind } from "./scene";

export type FormKind = Exclude<Kind, "text" | "drawing" | "emoji">;

const KINDS: { kind: FormKind; icon: LucideIcon; ink: string }[] = [
  { kind: "mention", icon: AtSign, ink: "pink" },
  { kind: "hashtag", icon: Hash, ink: "purple" },
  { kind: "place", icon: MapPin, ink: "red" },
  { kind: "link", icon: Link2, ink: "blue" },
  { kind: "poll", icon: ChartNoAxesColumn, ink: "teal" },
  { kind: "question", icon: CircleQuestionMark, ink: "orange" },
  { kind: "quiz", icon: ListChecks, ink: "green" },
  { kind: "slider", icon: SlidersHorizontal, ink: "yellow" },
];

export const EMOJI = [
  ..."😂😍🥰😎🤩🥳😭😱🤔🙃😴🤯",
  "❤️",
  ..."🧡💛💚💙💜🔥✨🎉💯👏🙌🙏👀💪🤝👋",
  "✌️",
  ..."🌈",
  "☀️",
  ..."🌙⭐🌊🌸🌵🍀🍕🍓🍦🍷🎂🎸📸🎧🎬🐶🐱🦊🐝🚀",
];

interface StickerTrayProps {
  /** A story that is shown again takes no stickers to answer. */
  overlaysOnly: boolean;
  onKind: (kind: FormKind) => void;
  onEmoji: (emoji: string) => void;
  onClose: () => void;
}

const ASKED: FormKind[] = ["poll", "question", "quiz", "slider"];

export function StickerTray({ overlaysOnly, onKind, onEmoji, onClose }: StickerTrayProps) {
  const kinds = KINDS.filter(({ kind }) => !overlaysOnly || !ASKED.includes(kind));
  return (
    <Sheet title={m.telling.stickers.title} onClose={onClose}>
      <ul className={style.kinds}>
        {kinds.map(({ kind, icon: Icon, ink }) => (
          <li key={kind}>
            <button
              type="button"
              className={style.kind}
              style={{ "--ink": `var(--ink-${ink})` } as CSSProperties}
              onClick={() => onKind(kind)}
            >
              <Icon aria-hidden size={20} />
              {m.telling.stickers[kind]}
            </button>
          </li>
        ))}
      </ul>
      <ul className={style.emoji} aria-label={m.telling.stickers.emoji}>
        {EMOJI.map((emoji) => (
          <li key={emoji}>
            <button type="button" onClick={() => onEmoji(emoji)}>
              {emoji}
            </button>
          </li>
        ))}
      </ul>
    </Sheet>
  );
}
