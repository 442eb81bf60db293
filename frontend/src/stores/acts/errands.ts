/**
 * What a person did that the server has not answered yet, so that it survives a reload: likes,
 * saves and comments here, the words of messages in `outgoingStore`. Each account has its own
 * list, and only that account is ever let do what stands in it.
 */
export type What =
  | { is: "like"; id: string; on: boolean }
  | { is: "comment.like"; id: string; on: boolean }
  | { is: "save"; id: string; on: boolean; collectionId?: string }
  | { is: "comment"; postId: string; text: string; parent: string | null };

export interface Errand {
  /** One thing has one errand: the newest wish takes the place of the one before. */
  name: string;
  /** The idempotency key of all attempts. */
  key: string;
  /** When it was done, in ms since 1970: the order in which errands go out. */
  at: number;
  what: What;
}

const ERRANDS_MAX = 100;
/** The server remembers a key for a day; something older might be done twice. */
const AGE_MAX_MS = 20 * 60 * 60 * 1_000;

const nameOf = (userId: string) => `glimpse.errands.${userId}`;

function write(userId: string, errands: Errand[]): void {
  try {
    if (errands.length === 0) localStorage.removeItem(nameOf(userId));
    else localStorage.setItem(nameOf(userId), JSON.stringify(errands.slice(-ERRANDS_MAX)));
  } catch {
    // Without storage they live as long as the page.
  }
}

/** Oldest first. Read anew each time: other tabs of the account write here too. */
export function errands(userId: string, now = Date.now()): Errand[] {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(nameOf(userId)) ?? "[]");
    if (!Array.isArray(found)) return [];
    return (found as Errand[])
      .filter((one) => now - one.at < AGE_MAX_MS)
      .sort((one, other) => one.at - other.at);
  } catch {
    return [];
  }
}

export function note(userId: string, errand: Errand): void {
  write(userId, [...errands(userId).filter((one) => one.name !== errand.name), errand]);
}

export function drop(userId: string, name: string): void {
  const before = errands(userId);
  const after = before.filter((one) => one.name !== name);
  if (after.length < before.length) write(userId, after);
}

/** Somebody logged out of this device: what had not gone out stays undone. */
export function forgetErrands(userId: string): void {
  write(userId, []);
}
