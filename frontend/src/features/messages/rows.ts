import type { Message } from "@/app/types";
import type { Outgoing } from "@/stores/talk/state";

/** One thing that was said: the server's, or one's own that is on its way there. */
export interface Item {
  key: string;
  message: Message | null;
  outgoing: Outgoing | null;
  at: string;
  own: boolean;
  author: string;
}

export type Row =
  | { is: "time"; key: string; at: string }
  | { is: "said"; key: string; item: Item; first: boolean; last: boolean }
  | { is: "photos"; key: string; items: Item[]; first: boolean; last: boolean };

const BLOCK_MS = 5 * 60_000;
const PAUSE_MS = 60 * 60_000;
const GRID_MAX = 9;

function ofMessage(message: Message, myId: string): Item {
  const own = message.user.user_id === myId;
  return {
    // The same bubble before and after the server has it.
    key: (own && message.ref) || message.message_id,
    message,
    outgoing: null,
    at: message.created_at,
    own,
    author: message.user.user_id,
  };
}

function ofOutgoing(outgoing: Outgoing, myId: string): Item {
  const { key, createdAt: at } = outgoing;
  return { key, message: null, outgoing, at, own: true, author: myId };
}

const gap = (a: Item, b: Item) => Date.parse(b.at) - Date.parse(a.at);
const dayOf = (item: Item) => new Date(item.at).toDateString();

function bare(item: Item): boolean {
  const { message, outgoing } = item;
  if (message) return message.media !== null && !message.text && !message.reply_to;
  return outgoing?.photo != null && !outgoing.text && !outgoing.replyTo;
}

const together = (a: Item, b: Item) =>
  a.author === b.author && dayOf(a) === dayOf(b) && gap(a, b) < BLOCK_MS;

/**
 * A thread as it is shown, oldest first: a time after every pause, what one person says in a row
 * as one block, and photos sent together as one grid.
 */
export function rowsOf(messages: Message[], outgoing: Outgoing[], myId: string): Row[] {
  const items = [
    ...messages.map((message) => ofMessage(message, myId)),
    ...outgoing.map((one) => ofOutgoing(one, myId)),
  ];
  const rows: Row[] = [];
  items.forEach((item, place) => {
    const before = items[place - 1];
    const after = items[place + 1];
    if (!before || dayOf(before) !== dayOf(item) || gap(before, item) > PAUSE_MS) {
      rows.push({ is: "time", key: `time:${item.key}`, at: item.at });
    }
    const first = !before || !together(before, item);
    const last = !after || !together(item, after);
    const above = rows.at(-1);
    if (!first && before && bare(before) && bare(item) && above && above.is !== "time") {
      const items = above.is === "photos" ? above.items : [above.item];
      if (items.length < GRID_MAX) {
        rows[rows.length - 1] = {
          is: "photos",
          key: above.key,
          items: [...items, item],
          first: above.first,
          last,
        };
        return;
      }
    }
    rows.push({ is: "said", key: item.key, item, first, last });
  });
  return rows;
}

const EMOJI =
  /^(?:\p{Extended_Pictographic}|\p{Emoji_Modifier}|\p{Regional_Indicator}|[\u200d\ufe0f\s])+$/u;
const LARGE_MAX = 3;

/** One to three emoji and nothing else are shown large and without a bubble. */
export function isEmoji(text: string): boolean {
  if (!EMOJI.test(text)) return false;
  const parts = [...new Intl.Segmenter().segment(text.replace(/\s/g, ""))];
  return parts.length > 0 && parts.length <= LARGE_MAX;
}
