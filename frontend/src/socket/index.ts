export { CallError, GlimpseSocket, type LinkState, type SocketOptions, type Wire } from "./client";
export type { EventMessage, LiveMessage } from "./protocol";
