export { GlimpseSocket } from "./client";
export { CallError } from "./errors";
export type { CallOptions, LinkState, SocketOptions } from "./options";
export {
  type EventData,
  type EventMessage,
  type EventOf,
  isEvent,
  type LiveMessage,
  type ResumePoint,
} from "./protocol";
export { type WebSocketClass, type Wire, webSockets } from "./wire";
