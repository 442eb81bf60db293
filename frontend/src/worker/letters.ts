/** What the app and its service worker tell each other. Types alone: they share no code. */

/** From the worker to a page. */
export type ToPage =
  /** A notification was tapped: go there. */
  | { tell: "go"; path: string }
  /** The push service gave this browser a new address, or took the old one. */
  | { tell: "resubscribe" };

/** What a push carries (`Message.data` in `app/push/sender.py`). */
export interface Pushed {
  id: string;
  kind: string;
  title: string;
  text: string;
  path: string;
  unread: number;
}
