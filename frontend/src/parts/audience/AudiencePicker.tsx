import { Check, ChevronDown, Earth, List, Star, Users } from "lucide-react";
import { type ReactNode, useState } from "react";
import { m } from "@/app/messages";
import { useMe } from "@/stores/store";
import { classes } from "@/ui/classes";
import { Failure } from "@/ui/Empty";
import { NameLine } from "@/ui/NameLine";
import { Sheet } from "@/ui/Sheet";
import { Waiting } from "@/ui/Spinner";
import style from "./AudiencePicker.module.css";
import { useAudiences } from "./useAudiences";

const ICONS: Record<string, (size: number) => ReactNode> = {
  public: (size) => <Earth size={size} aria-hidden />,
  followers: (size) => <Users size={size} aria-hidden />,
  close_friends: (size) => <Star size={size} aria-hidden fill="currentColor" />,
};

function iconOf(audience: string, size: number): ReactNode {
  return ICONS[audience]?.(size) ?? <List size={size} aria-hidden />;
}

function plainName(audience: string): string | null {
  if (audience === "public") return m.telling.audience.public;
  if (audience === "followers") return m.telling.audience.followers;
  return audience === "close_friends" ? m.telling.audience.close_friends : null;
}

/** Of the lists that were chosen here, so that the button can say which. */
const listNames = new Map<string, string>();

interface AudiencePickerProps {
  value: string;
  onChange: (audience: string) => void;
  look?: "row" | "pill";
}

/** Whom it is for: a button that says so, and a sheet with every choice. */
export function AudiencePicker({ value, onChange, look = "row" }: AudiencePickerProps) {
  const [open, setOpen] = useState(false);
  const name = plainName(value) ?? listNames.get(value) ?? m.telling.audience.list;
  return (
    <>
      <button
        type="button"
        className={classes(style.button, style[look], value === "close_friends" && style.close)}
        aria-haspopup="dialog"
        aria-label={`${m.telling.audience.title}: ${name}`}
        onClick={() => setOpen(true)}
      >
        {iconOf(value, 20)}
        <span className={style.name}>{name}</span>
        <ChevronDown size={16} aria-hidden />
      </button>
      {open && (
        <AudienceSheet
          value={value}
          onClose={() => setOpen(false)}
          onPick={(audience, title) => {
            listNames.set(audience, title);
            onChange(audience);
            setOpen(false);
          }}
        />
      )}
    </>
  );
}

interface SheetProps {
  value: string;
  onPick: (audience: string, name: string) => void;
  onClose: () => void;
}

function AudienceSheet({ value, onPick, onClose }: SheetProps) {
  const me = useMe();
  const { found, problem, reload } = useAudiences();
  const text = m.telling.audience;
  const row = (audience: string, name: string, hint: string) => (
    <li key={audience}>
      <button
        type="button"
        className={style.choice}
        aria-pressed={audience === value}
        onClick={() => onPick(audience, name)}
      >
        <NameLine
          name={name}
          hint={hint}
          icon={iconOf(audience, 20)}
          close={audience === "close_friends"}
        />
        {audience === value && <Check size={20} aria-hidden className={style.check} />}
      </button>
    </li>
  );
  return (
    <Sheet title={text.title} onClose={onClose}>
      <ul className={style.choices}>
        {row("public", text.public, me?.is_private ? text.publicPrivateHint : text.publicHint)}
        {row("followers", text.followers, text.followersHint)}
        {row(
          "close_friends",
          text.close_friends,
          found && !found.friendsNone ? text.closeHint(found.friends ?? "") : text.closeNone,
        )}
        {found?.lists.map((list) =>
          row(`list:${list.list_id}`, list.name, text.people(list.count)),
        )}
      </ul>
      {problem ? <Failure {...problem} onRetry={reload} /> : !found && <Waiting />}
    </Sheet>
  );
}
