import * as api from "@/api/operations";
import { dispatch, getState } from "@/stores/store";

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
