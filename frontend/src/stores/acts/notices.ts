import * as api from "@/api/operations";
import { m } from "@/app/messages";
import { dispatch, getState } from "@/stores/store";
import { complain, say } from "./tell";

/**
 * Tells the server, and through it the other devices, that everything up to now has been seen.
 * On the open screen the dots stay until one leaves: they say what was new at arriving.
 */
export async function markAllRead(): Promise<void> {
  if (getState().unread === 0) return;
  const before = getState().unread;
  dispatch({ do: "unread", unread: 0 });
  try {
    const { unread } = await api.notifications.readAll();
    dispatch({ do: "unread", unread });
  } catch {
    dispatch({ do: "unread", unread: before });
  }
}

/** Of a muted post nothing new is heard; what was heard stays. False when it was refused. */
export async function setPostMuted(id: string, muted: boolean): Promise<boolean> {
  try {
    await (muted ? api.notifications.mutePost(id) : api.notifications.unmutePost(id));
    say(muted ? m.post.muted : m.post.unmuted);
    return true;
  } catch (error) {
    complain(error);
    return false;
  }
}
