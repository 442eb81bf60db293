/** The socket protocol, version 1: the generated messages, and how a frame becomes one. */
import type {
  Bye,
  ClientMessage,
  Event,
  EventData,
  Live,
  ResumePoint,
  ServerMessage,
} from "@/protocol.gen";

export type { Bye, ClientMessage, EventData, ResumePoint, ServerMessage };
export type EventMessage = Event;
export type LiveMessage = Live;
export type Welcome = Extract<ServerMessage, { op: "welcome" }>;

export const SUBPROTOCOL = "glimpse.v1";

/** An event of a known type, with the data that type has. */
export type EventOf<T extends keyof EventData> = EventMessage & { type: T; data: EventData[T] };

/** Whether it is of that type; from here on its data is known. */
export function isEvent<T extends keyof EventData>(
  event: EventMessage,
  type: T,
): event is EventOf<T> {
  return event.type === type;
}

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
