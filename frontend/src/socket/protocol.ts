/** The socket protocol, version 1: the generated messages, and how a frame becomes one. */
import type { ClientMessage, Event, Live, ResumePoint, ServerMessage } from "@/protocol.gen";

export type { ClientMessage, ResumePoint, ServerMessage };
export type EventMessage = Event;
export type LiveMessage = Live;
export type Welcome = Extract<ServerMessage, { op: "welcome" }>;

export const SUBPROTOCOL = "glimpse.v1";

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
