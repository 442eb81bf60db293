import { NetworkError } from "@/api/errors";
import * as api from "@/api/operations";
import { maybeSomebody, onSession, refresh } from "@/api/session";
import { discard } from "@/stores/acts/outbox";
import { restoreOutgoing } from "@/stores/acts/outgoing";
import { forgetKept } from "@/stores/acts/outgoingStore";
import { draftsOnTheirWay } from "@/stores/drafts";
import { dispatch, getState } from "@/stores/store";
import { goLive } from "./live";

const RETRY_MS = 2_500;

/** Who is here: the cookie knows. Without an answer the splash stays, and it is asked again. */
async function recall(): Promise<void> {
  try {
    if ((await refresh()) === null && getState().session.is === "booting") {
      dispatch({ do: "session.out", ended: false });
    }
  } catch (error) {
    const delayMs = error instanceof NetworkError ? RETRY_MS : RETRY_MS * 4;
    setTimeout(() => void recall(), delayMs);
  }
}

async function enter(): Promise<void> {
  try {
    const me = await api.users.me();
    dispatch({ do: "session.in", me });
    restoreOutgoing(me.user_id);
  } catch {
    setTimeout(() => void enter(), RETRY_MS);
  }
}

export function boot(): void {
  let current: string | null = null;
  onSession((credentials, ended) => {
    const before = current;
    current = credentials?.user_id ?? null;
    if (current === before) return;
    if (current === null) {
      if (before) forgetKept(before);
      discard();
      goLive(null);
      dispatch({ do: "session.out", ended });
    } else {
      goLive(current);
      void enter();
    }
  });
  window.addEventListener("beforeunload", (event) => {
    if (draftsOnTheirWay()) event.preventDefault();
  });
  if (maybeSomebody()) void recall();
  else dispatch({ do: "session.out", ended: false });
}
