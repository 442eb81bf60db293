/// <reference lib="webworker" />
import type { Pushed, ToPage } from "./letters";
import { w } from "./words";

declare const self: ServiceWorkerGlobalScope;

const API = "/api/v1";

interface Badging {
  setAppBadge?: (count: number) => Promise<void>;
}

function windows(): Promise<readonly WindowClient[]> {
  return self.clients.matchAll({ type: "window", includeUncontrolled: true });
}

/** What came, as far as it is what our server sends; browsers ask that something is shown. */
export function read(data: PushMessageData | null): Pushed {
  const empty: Pushed = {
    id: "push",
    kind: "",
    title: w.name,
    text: w.something,
    path: "/",
    unread: 0,
  };
  try {
    const got = data?.json() as Partial<Pushed> | null;
    return { ...empty, ...got };
  } catch {
    return empty;
  }
}

/** Where in this app a push leads to; never to another origin. */
export function inside(path: string, origin: string): string {
  const url = new URL(path, origin);
  return url.origin === origin ? url.pathname + url.search : "/";
}

/** Shows a push, unless a window of the app is in sight: there it is shown live. */
export async function show(data: PushMessageData | null): Promise<void> {
  const pushed = read(data);
  const badge = self.navigator as Badging;
  await badge.setAppBadge?.(pushed.unread).catch(() => {});
  const seen = (await windows()).some((one) => one.visibilityState === "visible");
  if (seen) return;
  await self.registration.showNotification(pushed.title, {
    body: pushed.text,
    // The same group or conversation again takes the place of what is shown of it.
    tag: pushed.id,
    icon: "/icon-192.png",
    badge: "/badge-96.png",
    data: { path: inside(pushed.path, self.location.origin) },
    // New words ring again; a like more does not.
    ...(pushed.kind === "message" && { renotify: true }),
  });
}

/** Goes to what the notification is about: in an open window, else in a new one. */
export async function open(notification: Notification): Promise<void> {
  notification.close();
  const path: string = notification.data?.path ?? "/";
  const there = await windows();
  const best = there.find((one) => one.focused) ?? there[0];
  if (!best) {
    await self.clients.openWindow(path);
    return;
  }
  const letter: ToPage = { tell: "go", path };
  best.postMessage(letter);
  await best.focus().catch(() => undefined);
}

/**
 * The push service changed this browser's address. An open page sees to it; without one the
 * worker asks for a token of its own, under the lock that keeps tabs from asking at once.
 */
export async function resubscribe(event: PushSubscriptionChangeEvent): Promise<void> {
  const [open] = await windows();
  if (open) {
    const letter: ToPage = { tell: "resubscribe" };
    open.postMessage(letter);
    return;
  }
  const key = event.oldSubscription?.options.applicationServerKey;
  const fresh =
    event.newSubscription ??
    (key &&
      (await self.registration.pushManager.subscribe({
        userVisibleOnly: true,
        applicationServerKey: key,
      })));
  if (!fresh) return;
  const token = await self.navigator.locks.request("glimpse.refresh", async () => {
    const answer = await post("/auth/refresh", {});
    if (!answer.ok) return null;
    const { data } = (await answer.json()) as { data: { access_token: string } };
    return data.access_token;
  });
  // Nobody is logged in: nobody is to be pushed to.
  if (token) await post("/push/subscriptions", fresh.toJSON(), token);
  else await fresh.unsubscribe();
}

function post(path: string, body: unknown, token?: string): Promise<Response> {
  return fetch(API + path, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      "Idempotency-Key": crypto.randomUUID(),
      ...(token && { Authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(body),
  });
}
