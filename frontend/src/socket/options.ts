import type { EventMessage, LiveMessage, ResumePoint } from "./protocol";
import type { Wire } from "./wire";

export type LinkState =
  | { is: "idle" }
  | { is: "connecting" }
  | { is: "online" }
  | { is: "waiting"; untilMs: number }
  | { is: "stopped"; code: number };

export interface SocketOptions {
  /** A new WebSocket each time it is called: `webSockets(url)`, or one's own. */
  open: (subprotocol: string) => Wire;
  /**
   * A token to say hello with; `fresh` when the last one was refused or runs out. Null: there is
   * none, and the client stops with 4001.
   */
  token: (fresh: boolean) => Promise<string | null>;
  client: { name: string; version: string; device: string };
  /** Where an earlier program had come: what `onPoint` was told last. */
  point?: ResumePoint | null;
  /** About once a second: how far this program has come, to be kept. */
  onPoint?: (point: ResumePoint) => void;
  onEvent: (event: EventMessage) => void;
  /** Updates of topics. Type `revoked`: the topic is no longer ours to see. */
  onLive: (message: LiveMessage) => void;
  /** The server's first answer to a topic: `ok`, `forbidden`, `unknown` or `too_many`. */
  onTopic?: (topic: string, answer: string) => void;
  /** Reload what is shown: events were missed that can't be replayed. */
  onResync: (reason: string) => void;
  onState?: (state: LinkState) => void;
  /** Milliseconds, and a number below 1: for tests. */
  now?: () => number;
  random?: () => number;
}

export interface CallOptions {
  /** Client-made and unique: a call that was cut off is sent again, and done once. */
  key?: string;
  /** 30 s unless told; null waits for ever. */
  timeoutMs?: number | null;
}
