import { Link } from "wouter";
import { m } from "@/app/messages";
import { toggleReaction } from "@/stores/acts/messages";
import { Avatar } from "@/ui/Avatar";
import { classes } from "@/ui/classes";
import { Fate, type InThread } from "./Bubble";
import style from "./Bubble.module.css";
import media from "./Media.module.css";
import { nameOf } from "./names";
import { PhotoCell } from "./PhotoCell";
import { HEART } from "./Reactions";
import type { Item, Row } from "./rows";
import { useHold } from "./useHold";

function Cell({ item, onMenu, onPhoto }: { item: Item } & Pick<InThread, "onMenu" | "onPhoto">) {
  const { message } = item;
  const hold = useHold({
    onHold: () => message && onMenu(message),
    onTwice: () => message && toggleReaction(message.message_id, HEART),
  });
  const emoji = [...new Set(message?.reactions.map((one) => one.emoji))].join("");
  return (
    <li>
      <div
        className={media.cell}
        data-message={item.key}
        data-id={message?.message_id}
        tabIndex={-1}
        {...hold}
      >
        <PhotoCell item={item} onPhoto={onPhoto} />
        {emoji && <span className={media.stamp}>{emoji}</span>}
      </div>
    </li>
  );
}

/** Photos that were sent together. */
export function PhotoGrid(props: InThread & { row: Extract<Row, { is: "photos" }> }) {
  const { row, conversation, onMenu, onPhoto } = props;
  const [head] = row.items;
  if (!head) return null;
  const author = head.message?.user;
  const unsettled = row.items.find((item) => item.outgoing)?.outgoing;
  return (
    <div
      className={classes(
        style.row,
        head.own && style.own,
        row.first && style.first,
        row.last && style.last,
      )}
    >
      {!head.own && (
        <span className={style.face}>
          {row.last && author && (
            <Link href={`/u/${author.username}`} aria-label={nameOf(author)} tabIndex={-1}>
              <Avatar user={author} size="tiny" />
            </Link>
          )}
        </span>
      )}
      <div className={style.stack}>
        {!head.own && row.first && conversation.kind === "group" && author && (
          <span className={style.author}>{nameOf(author)}</span>
        )}
        <ul className={media.grid} data-count={row.items.length} aria-label={m.talk.photos}>
          {row.items.map((item) => (
            <Cell key={item.key} item={item} onMenu={onMenu} onPhoto={onPhoto} />
          ))}
        </ul>
        {unsettled && <Fate outgoing={unsettled} />}
      </div>
    </div>
  );
}
