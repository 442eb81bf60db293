/** The envelope of the socket protocol, version 1. What events carry is the product's business. */

export const SUBPROTOCOL = "glimpse.v1";

export interface ResumePoint {
  epoch: string;
  seq: number;
}

export interface EventMessage {
  op: "event";
  seq: number;
  id: string;
  type: string;
  ts: string;
  data: unknown;
}

export interface LiveMessage {
  op: "live";
  topic: string;
  type: string;
  ts?: string;
  data?: unknown;
}

export type ServerMessage =
  | {
      op: "welcome";
      user_id: string;
      session: string;
      epoch: string;
      seq: number;
      resumed: boolean;
      ping_interval_ms: number;
      server_time: string;
      limits: { topics: number; frame_bytes: number; calls_per_s: number };
    }
  | EventMessage
  | LiveMessage
  | { op: "resync"; reason: string }
  | { op: "expiring"; in_ms: number }
  | { op: "bye"; code: number; reason: string; reconnect_after_ms?: number }
  | { op: "result"; id: string; data: unknown }
  | { op: "error"; id?: string; code: string; message: string; details?: unknown }
  | { op: "ok"; id: string }
  | { op: "pong"; t?: unknown };

export type ClientMessage =
  | {
      op: "hello";
      token: string;
      client: { name: string; version: string; device: string };
      resume?: ResumePoint;
    }
  | { op: "auth"; id: string; token: string }
  | { op: "call"; id: string; method: string; params: unknown; key?: string }
  | { op: "sub" | "unsub"; id: string; topics: string[] }
  | { op: "ack"; seq: number }
  | { op: "ping"; t: number };

/** Null for a frame that is no message of ours: it is dropped, never thrown on. */
export function parse(frame: unknown): ServerMessage | null {
  if (typeof frame !== "string") return null;
  try {
    const message: unknown = JSON.parse(frame);
    return typeof message === "object" && message !== null && "op" in message
      ? (message as ServerMessage)
      : null;
  } catch {
    return null;
  }
}
