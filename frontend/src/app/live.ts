import { randomKey } from "@/api/key";
import * as api from "@/api/operations";
import { forget, onSession, refresh, token } from "@/api/session";
import {
  type EventMessage,
  GlimpseSocket,
  type LinkState,
  type LiveMessage,
  type Wire,
} from "@/socket";
import { dropUnseen, reloadShown, retryFailed } from "@/stores/acts/load";
import { flush } from "@/stores/acts/outbox";
import { loadProfile } from "@/stores/acts/people";
import { refetch } from "@/stores/acts/posts";
import { loadTray, trayHinted } from "@/stores/acts/stories";
import { openGate, openGateSoon } from "@/stores/gate";
import { dispatch, getState } from "@/stores/store";
import { forwardTopics } from "@/stores/topics";
import { uploadFailed } from "@/stores/uploads";
import { announce } from "@/ui/announce";
import { isTalk, talkEffects } from "./liveTalk";
import { m } from "./messages";
import type { Post, User } from "./types";

/** Where the socket meets the store: the one place that knows both. */
let socket: GlimpseSocket | null = null;

const TOP_PX = 120;

/** New posts slide in only where nobody loses their place. */
function mayShowPosts(): boolean {
  return (
    window.scrollY < TOP_PX &&
    document.visibilityState === "visible" &&
    !document.querySelector("dialog[open]")
  );
}

function deviceId(): string {
  try {
    const known = localStorage.getItem("glimpse.device");
    if (known) return known;
    const made = `dev_${randomKey()}`;
    localStorage.setItem("glimpse.device", made);
    return made;
  } catch {
    return `dev_${randomKey()}`;
  }
}

/** What an event asks for beyond the state: fetches, and words for a screen reader. */
const effects: Record<string, (data: never) => void> = {
  "post.new": (post: Post) => announce(m.feed.arrived(post.user.full_name || post.user.username)),
  "media.ready": ({ post_id }: { post_id?: string }) => {
    if (post_id && getState().posts[post_id]) void refetch(post_id);
  },
  "media.failed": ({ media_id, reason }: { media_id: string; reason: string }) =>
    uploadFailed(media_id, reason),
  "follow.accepted": ({ user }: { user: User }) => reloadProfile(user.username),
  "follow.removed": ({ user }: { user: User }) => reloadProfile(user.username),
  "session.revoked": () => forget(),
  ...talkEffects,
};

function reloadProfile(username: string): void {
  if (getState().profiles[username]) void loadProfile(username).catch(() => {});
}

function onEvent(event: EventMessage): void {
  dispatch({ do: "event", event, showPosts: mayShowPosts() });
  effects[event.type]?.(event.data as never);
}

async function onHint(postId: string): Promise<void> {
  try {
    const post = await api.posts.get(postId);
    dispatch({ do: "feed.arrive", posts: [post], show: mayShowPosts() });
    announce(m.feed.arrived(post.user.full_name || post.user.username));
  } catch {
    // The feed has it at the next load.
  }
}

function onLive(message: LiveMessage): void {
  dispatch({ do: "live", message });
  if (message.topic === "me" && message.type === "story.hint") trayHinted();
  if (message.topic !== "me" || message.type !== "post.hint") return;
  const { post_id } = message.data as { post_id: string };
  void onHint(post_id);
}

function onState(state: LinkState): void {
  dispatch({ do: "link", is: state.is === "waiting" && !navigator.onLine ? "offline" : state.is });
  if (state.is === "online") {
    openGate();
    void flush();
    retryFailed();
    if (getState().stories.tray === "failed") void loadTray();
  }
  // 4001 without a way to a new token: the session is over.
  if (state.is === "stopped" && state.code === 4001) forget();
}

/** What is shown is fetched anew: events were missed. */
export async function resync(): Promise<void> {
  dropUnseen(isTalk);
  if (getState().stories.tray !== "idle") void loadTray();
  await reloadShown(mayShowPosts());
  try {
    const me = await api.users.me();
    dispatch({ do: "me", patch: me });
    dispatch({ do: "unread", unread: me.unread_notifications });
  } catch {
    // The next resync asks again.
  }
}

/** Opens the socket for whoever is logged in; null closes it. */
export function goLive(userId: string | null): void {
  socket?.close();
  socket = null;
  forwardTopics(null);
  if (userId === null) return;
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  const mine = new GlimpseSocket({
    // The browser's handlers are typed with `this` and events that the client doesn't look at.
    open: (subprotocol) =>
      new WebSocket(`${scheme}//${location.host}/ws`, subprotocol) as unknown as Wire,
    token: async (fresh) => (fresh ? ((await refresh())?.access_token ?? null) : token()),
    client: { name: "web", version: "0.1.0", device: deviceId() },
    onEvent,
    onLive,
    onState,
    onResync: () => void resync(),
  });
  socket = mine;
  forwardTopics((topic) => mine.subscribe(topic));
  openGateSoon();
  mine.connect();
}

window.addEventListener("online", () => socket?.hurry());
window.addEventListener("offline", () => {
  socket?.lost();
  dispatch({ do: "link", is: "offline" });
});
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") socket?.hurry();
});
// A renewed token renews the open session too, before the old one runs out.
onSession((credentials) => {
  if (credentials) socket?.authenticate(credentials.access_token);
});
