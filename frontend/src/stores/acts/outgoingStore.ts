import type { Outgoing } from "@/stores/talk/state";

const KEPT_MAX = 50;
/** The server remembers a key for a day; something older might be said twice. */
const AGE_MAX_MS = 20 * 60 * 60 * 1_000;

const nameOf = (userId: string) => `glimpse.outgoing.${userId}`;

/** Words that have not gone out survive a reload. */
export function keep(userId: string, outgoing: Outgoing[]): void {
  try {
    if (outgoing.length === 0) localStorage.removeItem(nameOf(userId));
    else localStorage.setItem(nameOf(userId), JSON.stringify(outgoing.slice(-KEPT_MAX)));
  } catch {
    // Without storage they live as long as the page.
  }
}

export function kept(userId: string, now = Date.now()): Outgoing[] {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(nameOf(userId)) ?? "[]");
    if (!Array.isArray(found)) return [];
    return (found as Outgoing[]).filter((one) => now - Date.parse(one.createdAt) < AGE_MAX_MS);
  } catch {
    return [];
  }
}

/** Somebody logged out of this device: what they had not said stays unsaid. */
export function forgetKept(userId: string): void {
  keep(userId, []);
}
