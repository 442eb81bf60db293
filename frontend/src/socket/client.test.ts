import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { GlimpseSocket } from "./client";
import type { LinkState, SocketOptions } from "./options";
import { isEvent } from "./protocol";
import { type Wire, webSockets } from "./wire";

/** What this client has beyond the table of scenarios: counted topics, states, WebSocket classes. */
class FakeWire implements Wire {
  onopen: Wire["onopen"] = null;
  onmessage: Wire["onmessage"] = null;
  onclose: Wire["onclose"] = null;
  onerror: Wire["onerror"] = null;
  said: Record<string, unknown>[] = [];

  send(text: string): void {
    this.said.push(JSON.parse(text) as Record<string, unknown>);
  }

  close(): void {}

  welcome(): void {
    this.onopen?.();
    const limits = { topics: 200, frame_bytes: 65_536, calls_per_s: 50 };
    const welcome = { op: "welcome", epoch: "e1", seq: 0, resumed: false, limits };
    this.onmessage?.({ data: JSON.stringify({ ...welcome, ping_interval_ms: 25_000 }) });
  }

  topics(op: string): unknown[] {
    return this.said.filter((message) => message.op === op).map((message) => message.topics);
  }
}

async function setUp(over: Partial<SocketOptions> = {}) {
  const wires: FakeWire[] = [];
  const states: LinkState[] = [];
  const socket = new GlimpseSocket({
    open: () => {
      wires.push(new FakeWire());
      return wires.at(-1) as FakeWire;
    },
    token: async () => "token",
    client: { name: "web", version: "0", device: "dev_1" },
    onEvent: () => {},
    onLive: () => {},
    onResync: () => {},
    onState: (state) => states.push(state),
    random: () => 1,
    ...over,
  });
  socket.connect();
  await vi.advanceTimersByTimeAsync(0);
  return { socket, wires, states, wire: wires[0] as FakeWire };
}

describe("the socket", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("counts who wants a topic, and tells the server of the first and the last", async () => {
    const { socket, wire } = await setUp();
    wire.welcome();
    const first = socket.subscribe("post:1");
    const second = socket.subscribe("post:1");
    await vi.advanceTimersByTimeAsync(20);
    expect(wire.topics("sub")).toEqual([["post:1"]]);
    first();
    first();
    await vi.advanceTimersByTimeAsync(20);
    expect(wire.topics("unsub")).toEqual([]);
    second();
    await vi.advanceTimersByTimeAsync(20);
    expect(wire.topics("unsub")).toEqual([["post:1"]]);
  });

  it("tells topics that come and go in a burst together, and not what came and went", async () => {
    const { socket, wire } = await setUp();
    wire.welcome();
    const drop = socket.subscribe("post:1");
    socket.subscribe("post:2");
    socket.subscribe("post:3");
    drop();
    await vi.advanceTimersByTimeAsync(20);
    expect(wire.topics("sub")).toEqual([["post:2", "post:3"]]);
    expect(wire.topics("unsub")).toEqual([]);
  });

  it("asks anew for a topic that was refused, and the earlier holder's end does not end it", async () => {
    const { socket, wire } = await setUp();
    wire.welcome();
    const earlier = socket.subscribe("post:1");
    await vi.advanceTimersByTimeAsync(20);
    const revoked = { op: "live", topic: "post:1", type: "revoked", ts: "", data: {} };
    wire.onmessage?.({ data: JSON.stringify(revoked) });
    socket.subscribe("post:1");
    await vi.advanceTimersByTimeAsync(20);
    expect(wire.topics("sub")).toEqual([["post:1"], ["post:1"]]);
    earlier();
    await vi.advanceTimersByTimeAsync(20);
    expect(wire.topics("unsub")).toEqual([]);
  });

  it("says how it stands", async () => {
    const { socket, wire, states } = await setUp();
    wire.welcome();
    const beganAt = Date.now();
    wire.onclose?.({ code: 1006 });
    socket.close();
    expect(states).toEqual([
      { is: "connecting" },
      { is: "online" },
      { is: "waiting", untilMs: beganAt + 500 },
      { is: "idle" },
    ]);
  });

  it("opens no connection when it was closed while the token was on its way", async () => {
    let give: (token: string) => void = () => {};
    const token = () => new Promise<string>((resolve) => (give = resolve));
    const { socket, wires } = await setUp({ token });
    socket.close();
    give("token");
    await vi.advanceTimersByTimeAsync(0);
    expect(wires).toHaveLength(0);
  });

  it("comes back from a connection that failed without a close", async () => {
    const { wires, wire } = await setUp();
    wire.onerror?.();
    wire.onclose?.({ code: 1006 });
    await vi.advanceTimersByTimeAsync(500);
    expect(wires).toHaveLength(2);
  });

  it("opens WebSockets of a given class, one URL after another", () => {
    const opened: string[][] = [];
    class Socket {
      constructor(url: string, subprotocol: string) {
        opened.push([url, subprotocol]);
      }
    }
    const open = webSockets(["ws://a", "ws://b"], Socket);
    for (let n = 0; n < 3; n += 1) open("glimpse.v1");
    expect(opened.map(([url]) => url)).toEqual(["ws://a", "ws://b", "ws://a"]);
    expect(opened[0]?.[1]).toBe("glimpse.v1");
  });

  it("knows the data of an event by its type", () => {
    const event = { op: "event", seq: 1, id: "e", type: "post.deleted", ts: "", data: {} } as const;
    expect(isEvent({ ...event, data: { post_id: "post_1" } }, "post.deleted")).toBe(true);
    expect(isEvent({ ...event, type: "void" }, "post.deleted")).toBe(false);
  });
});
