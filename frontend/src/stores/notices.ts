import type { Notification } from "@/app/types";
import { merge } from "./entities";
import { listOf, prepended, removeEverywhere, withList } from "./lists";
import { listKey, type State } from "./state";

/** A notification that is new, or a group that grew: it stands first now. */
export function put(state: State, notification: Notification, unread: number | undefined): State {
  const next = merge(state, { notifications: [notification] });
  const list = listOf(state, listKey.notifications);
  const withUnread = unread === undefined ? next : { ...next, unread };
  if (list.status === "idle") return withUnread;
  return withList(withUnread, listKey.notifications, {
    ids: prepended(list.ids, [notification.notification_id]),
  });
}

/** Something was taken back: the group says less, and stays where it stands. */
export function shrunk(state: State, notification: Notification, unread: number): State {
  return { ...merge(state, { notifications: [notification] }), unread };
}

/** All of it was taken back. */
export function gone(state: State, id: string, unread: number): State {
  const { [id]: _, ...notifications } = state.notifications;
  const lists = removeEverywhere(state.lists, id, (key) => key === listKey.notifications);
  return { ...state, notifications, lists, unread };
}

/** Read here or on another device. `ids` null: all of them. */
export function read(state: State, ids: string[] | null, unread: number): State {
  const touched = ids ?? Object.keys(state.notifications);
  const notifications = { ...state.notifications };
  for (const id of touched) {
    const one = notifications[id];
    // Messages are read in their conversation, and their notification goes with that.
    if (one && !one.is_read && one.kind !== "message")
      notifications[id] = { ...one, is_read: true };
  }
  return { ...state, notifications, unread };
}
