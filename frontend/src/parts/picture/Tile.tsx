import { CircleAlert, CircleCheck, Play, Plus, X } from "lucide-react";
import type { LiHTMLAttributes } from "react";
import { classes } from "@/ui/classes";
import { ProgressRing } from "@/ui/Spinner";
import type { Sending } from "./sender";
import { stateOf } from "./stateOf";
import style from "./Tile.module.css";

const BADGE = 16;

function Badge({ sending }: { sending: Sending }) {
  if (sending.stage === "done") return <CircleCheck size={BADGE} aria-hidden />;
  if (sending.stage === "failed") return <CircleAlert size={BADGE} aria-hidden />;
  return <ProgressRing percent={sending.percent} size={BADGE} />;
}

interface TileProps extends Omit<LiHTMLAttributes<HTMLLIElement>, "onSelect"> {
  label: string;
  sending: Sending;
  picture: string | null;
  film: boolean;
  upright?: boolean;
  chosen: boolean;
  onChoose: () => void;
  removeLabel: string;
  /** Missing where the last one has to stay. */
  onRemove?: () => void;
}

/** One picked file in the row of all: what it is, and how far its bytes are. */
export function Tile(props: TileProps) {
  const { label, sending, picture, film, upright, chosen, onChoose, removeLabel, onRemove } = props;
  const { draggable, onDragStart, onDragEnter, onDragOver, onDragEnd } = props;
  return (
    <li
      className={classes(style.tile, upright && style.upright, chosen && style.chosen)}
      {...{ draggable, onDragStart, onDragEnter, onDragOver, onDragEnd }}
    >
      <button
        type="button"
        className={style.pick}
        aria-current={chosen}
        aria-label={`${label}. ${stateOf(sending)}`}
        onClick={onChoose}
      >
        {picture && <img src={picture} alt="" draggable={false} />}
        {film && <Play className={style.film} size={14} fill="currentColor" aria-hidden />}
        <span className={classes(style.badge, sending.stage === "failed" && style.bad)}>
          <Badge sending={sending} />
        </span>
      </button>
      {onRemove && (
        <button type="button" className={style.remove} aria-label={removeLabel} onClick={onRemove}>
          <X size={12} strokeWidth={3} aria-hidden />
        </button>
      )}
    </li>
  );
}

interface AddTileProps {
  label: string;
  upright?: boolean;
  onAdd: () => void;
}

/** Stands after the last while there is room for more. */
export function AddTile({ label, upright, onAdd }: AddTileProps) {
  return (
    <li className={classes(style.tile, upright && style.upright)}>
      <button
        type="button"
        className={classes(style.pick, style.add)}
        aria-label={label}
        onClick={onAdd}
      >
        <Plus size={20} aria-hidden />
      </button>
    </li>
  );
}
