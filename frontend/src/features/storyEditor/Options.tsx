import { m } from "@/app/messages";
import { Area } from "@/ui/Field";
import { Sheet } from "@/ui/Sheet";
import { Switch } from "@/ui/Switch";
import style from "./StickerForm.module.css";
import type { DeskState, Item, StoryDesk } from "./storyDesk";

const ALT_MAX = 1_000;

interface OptionsProps {
  desk: StoryDesk;
  state: DeskState;
  item: Item;
  onClose: () => void;
}

/** What may be done with the story, and its picture in words. */
export function Options({ desk, state, item, onClose }: OptionsProps) {
  return (
    <Sheet title={m.telling.options} onClose={onClose}>
      <div className={style.form}>
        <Switch
          label={m.telling.replies}
          hint={m.telling.repliesHint}
          on={state.allowReplies}
          onChange={(allowReplies) => desk.write({ allowReplies })}
        />
        <Switch
          label={m.telling.repost}
          hint={m.telling.repostHint}
          on={state.allowRepost}
          onChange={(allowRepost) => desk.write({ allowRepost })}
        />
        <Area
          label={m.telling.altLabel}
          hint={m.telling.alt}
          value={item.alt}
          maxLength={ALT_MAX}
          onChange={(event) => desk.patch(item.id, { alt: event.target.value })}
        />
      </div>
    </Sheet>
  );
}
