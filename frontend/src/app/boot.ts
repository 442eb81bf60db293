import { NetworkError } from "@/api/errors";
import * as api from "@/api/operations";
import { assume, maybeSomebody, onSession, refresh } from "@/api/session";
import { forgetErrands } from "@/stores/acts/errands";
import { discard } from "@/stores/acts/outbox";
import { forgetKept } from "@/stores/acts/outgoingStore";
import { forgetPush, renew } from "@/stores/acts/push";
import { forgetRestored, restore } from "@/stores/acts/restore";
import { draftsOnTheirWay } from "@/stores/drafts";
import { dispatch, getState } from "@/stores/store";
import { forgetFeeds, keepFeed, showKeptFeed } from "./keptFeed";
import { goLive, resync } from "./live";
import { install } from "./serviceWorker";

const RETRY_MS = 2_500;

/** Whose things are on the screen; `live` once the server said that it is them. */
let person: string | null = null;
let live = false;

/**
 * Who is here: the cookie knows. Without an answer it is asked again, and meanwhile the last feed
 * is shown of whoever was here; with nothing kept the splash stays.
 */
async function recall(): Promise<void> {
  try {
    if ((await refresh()) === null && getState().session.is === "booting") {
      dispatch({ do: "session.out", ended: false });
    }
  } catch (error) {
    const delayMs = error instanceof NetworkError ? RETRY_MS : RETRY_MS * 4;
    setTimeout(() => void recall(), delayMs);
    const shown = await showKeptFeed();
    if (shown && !live) {
      person = shown;
      assume();
      void restore();
    }
  }
}

async function enter(userId: string): Promise<void> {
  try {
    const me = await api.users.me();
    if (person !== userId) return;
    const again = getState().session.is === "in";
    dispatch({ do: "session.in", me });
    if (again) void resync();
    void restore();
    void renew();
  } catch {
    if (person === userId) setTimeout(() => void enter(userId), RETRY_MS);
  }
}

/** Nothing of theirs stays on this device. */
function leave(userId: string): void {
  forgetKept(userId);
  forgetErrands(userId);
  forgetRestored();
  discard();
  goLive(null);
}

export function boot(): void {
  // A sheet that was open before a reload is not open now.
  if (history.state?.sheet) history.replaceState(null, "");
  onSession((credentials, ended) => {
    const now = credentials?.user_id ?? null;
    if (now === person && (live || now === null)) return;
    if (person !== null && now !== person) {
      leave(person);
      dispatch({ do: "session.out", ended: now === null && ended });
    } else if (now === null) {
      dispatch({ do: "session.out", ended });
    }
    person = now;
    live = now !== null;
    void forgetFeeds(now);
    void forgetPush(now);
    if (now !== null) {
      goLive(now);
      void enter(now);
    }
  });
  window.addEventListener("beforeunload", (event) => {
    if (draftsOnTheirWay()) event.preventDefault();
  });
  keepFeed();
  install();
  if (maybeSomebody()) void recall();
  else {
    void forgetFeeds(null);
    dispatch({ do: "session.out", ended: false });
  }
}
