import * as api from "@/api/operations";
import { complain } from "./tell";

/**
 * Push on this device: what the browser can, what the person allowed, and what the server knows.
 * A browser has one address for all its accounts, so it is written down whose it is.
 */
export type PushState =
  /** No service worker or push here: an old browser, or not https. */
  | "unsupported"
  /** On an iPhone only the app on the home screen can. */
  | "install"
  /** The server sends none. */
  | "absent"
  | "denied"
  | "off"
  | "on";

const OWNER = "glimpse.push";
const PATIENCE_MS = 5_000;

interface Owner {
  userId: string;
  endpoint: string;
}

function owner(): Owner | null {
  try {
    return JSON.parse(localStorage.getItem(OWNER) ?? "null") as Owner | null;
  } catch {
    return null;
  }
}

function setOwner(now: Owner | null): void {
  try {
    if (now) localStorage.setItem(OWNER, JSON.stringify(now));
    else localStorage.removeItem(OWNER);
  } catch {
    // Without storage the server's own check of sessions remains.
  }
}

const able = () =>
  "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;

async function registration(): Promise<ServiceWorkerRegistration | null> {
  if (!able()) return null;
  const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), PATIENCE_MS));
  return Promise.race([navigator.serviceWorker.ready, late]);
}

async function subscription(): Promise<PushSubscription | null> {
  return (await (await registration())?.pushManager.getSubscription()) ?? null;
}

export async function pushState(userId: string): Promise<PushState> {
  if (!able()) return /iphone|ipad/i.test(navigator.userAgent) ? "install" : "unsupported";
  if (Notification.permission === "denied") return "denied";
  const held = await subscription();
  if (held && owner()?.userId === userId) return "on";
  return (await api.push.key()) === null ? "absent" : "off";
}

/** Asks the person, the browser and the server, in this order. The state afterwards. */
export async function turnOn(userId: string): Promise<PushState> {
  if ((await Notification.requestPermission()) !== "granted") return pushState(userId);
  try {
    const [key, there] = [await api.push.key(), await registration()];
    if (key === null) return "absent";
    if (!there) return "unsupported";
    const before = await there.pushManager.getSubscription();
    if (before && !sameKey(before, key)) await before.unsubscribe();
    const held = await there.pushManager.subscribe({
      userVisibleOnly: true,
      applicationServerKey: key,
    });
    await api.push.subscribe(held.toJSON());
    setOwner({ userId, endpoint: held.endpoint });
    return "on";
  } catch (error) {
    complain(error);
    return pushState(userId);
  }
}

/** A server with a new key can't push to what was made for the old one. */
function sameKey(held: PushSubscription, key: string): boolean {
  const made = held.options.applicationServerKey;
  if (!made) return false;
  const text = btoa(String.fromCharCode(...new Uint8Array(made)));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "") === key;
}

export async function turnOff(): Promise<void> {
  setOwner(null);
  await (await subscription())?.unsubscribe();
  await api.push.unsubscribe();
}

/** The browser's address may have changed while nobody looked: the server is told of the new. */
export async function renew(): Promise<void> {
  const mine = owner();
  if (!mine || !able() || Notification.permission !== "granted") return;
  try {
    const held = await subscription();
    if (!held) {
      await turnOn(mine.userId);
    } else if (held.endpoint !== mine.endpoint) {
      await api.push.subscribe(held.toJSON());
      setOwner({ ...mine, endpoint: held.endpoint });
    }
  } catch {
    // The next visit asks again.
  }
}

/**
 * Nothing of the one who left may come up here any more: what they were shown goes, and so does
 * the address, unless it is `stays`'s. The server ends it with the session too.
 */
export async function forgetPush(stays: string | null): Promise<void> {
  const had = owner();
  if (!able() || (stays !== null && (had === null || had.userId === stays))) return;
  setOwner(null);
  try {
    const there = await navigator.serviceWorker.getRegistration();
    for (const shown of (await there?.getNotifications()) ?? []) shown.close();
    if (had) await (await there?.pushManager.getSubscription())?.unsubscribe();
  } catch {
    // The server no longer pushes to a session that ended.
  }
}
