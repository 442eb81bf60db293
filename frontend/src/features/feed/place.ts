import type { VirtualItem } from "@tanstack/react-virtual";

/** Where the reader was in the feed, so that coming back from a post finds the same place. */
interface Place {
  userId: string;
  scroll: number;
  sizes: VirtualItem[];
}

const TOP: Place = { userId: "", scroll: 0, sizes: [] };

let left = TOP;

export function leavePlace(place: Place): void {
  left = place;
}

export function lastPlace(userId: string): Place {
  return left.userId === userId ? left : TOP;
}

export function beginAtTop(): void {
  left = TOP;
  window.scrollTo(0, 0);
}

const KEY = "glimpse.feed.newest";

/** Until when the feed had been seen on the visit before this one. */
export function seenUntil(userId: string): string | null {
  try {
    return localStorage.getItem(`${KEY}.${userId}`);
  } catch {
    return null;
  }
}

export function markSeen(userId: string, newest: string): void {
  try {
    const before = localStorage.getItem(`${KEY}.${userId}`);
    if (!before || before < newest) localStorage.setItem(`${KEY}.${userId}`, newest);
  } catch {
    // Without storage there is no "all caught up", and nothing else is missing.
  }
}
