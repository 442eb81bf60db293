/** The part of a WebSocket that is used: browsers, Node and tests all have it. */
export interface Wire {
  send(text: string): void;
  close(code?: number): void;
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
  onerror: (() => void) | null;
}

/** A WebSocket class: the global one of browsers and Node ≥ 22, or that of the package `ws`. */
export type WebSocketClass = new (url: string, subprotocol: string) => object;

/**
 * What `SocketOptions.open` is in most programs. Several URLs are tried in turn; without a class
 * the global one is taken.
 */
export function webSockets(
  urls: string | readonly string[],
  Given?: WebSocketClass,
): (subprotocol: string) => Wire {
  const all = typeof urls === "string" ? [urls] : urls;
  let next = 0;
  return (subprotocol) => {
    const Socket = Given ?? (globalThis as { WebSocket?: WebSocketClass }).WebSocket;
    const url = all[next++ % all.length];
    if (!Socket || url === undefined) throw new Error("webSockets: no WebSocket class, or no URL");
    // Every such class has these; handlers are typed with events that the client doesn't look at.
    return new Socket(url, subprotocol) as Wire;
  };
}
