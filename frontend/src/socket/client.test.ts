import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { GlimpseSocket, type LinkState, type SocketOptions, type Wire } from "./client";
import type { EventMessage } from "./protocol";

/** A socket in memory: what the client said, and a hand to answer with. */
class FakeWire implements Wire {
  onopen: Wire["onopen"] = null;
  onmessage: Wire["onmessage"] = null;
  onclose: Wire["onclose"] = null;
  onerror: Wire["onerror"] = null;
  said: Record<string, unknown>[] = [];
  closed = false;

  send(text: string): void {
    this.said.push(JSON.parse(text) as Record<string, unknown>);
  }

  close(): void {
    this.closed = true;
  }

  says(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }

  welcome(seq: number, resumed = false, epoch = "e1"): void {
    this.onopen?.();
    this.says({ op: "welcome", epoch, seq, resumed, ping_interval_ms: 25_000 });
  }

  event(seq: number, id = `ev_${seq}`, type = "post.new"): void {
    this.says({ op: "event", seq, id, type, ts: "", data: {} });
  }

  breaks(code: number): void {
    this.onclose?.({ code });
  }

  saidOp(op: string): Record<string, unknown>[] {
    return this.said.filter((message) => message.op === op);
  }
}

function setUp(over: Partial<SocketOptions> = {}) {
  const wires: FakeWire[] = [];
  const events: EventMessage[] = [];
  const states: LinkState[] = [];
  const resyncs: string[] = [];
  const tokens: boolean[] = [];
  const socket = new GlimpseSocket({
    open: () => {
      const wire = new FakeWire();
      wires.push(wire);
      return wire;
    },
    token: async (fresh) => {
      tokens.push(fresh);
      return "token";
    },
    client: { name: "web", version: "0", device: "dev_1" },
    onEvent: (event) => events.push(event),
    onLive: () => {},
    onResync: (reason) => resyncs.push(reason),
    onState: (state) => states.push(state),
    random: () => 1,
    ...over,
  });
  const last = () => {
    const wire = wires.at(-1);
    if (!wire) throw new Error("no wire was opened");
    return wire;
  };
  return { socket, wires, events, states, resyncs, tokens, last };
}

const settle = () => vi.advanceTimersByTimeAsync(0);

describe("the socket", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("says hello first, without a resume point", async () => {
    const { socket, last, states } = setUp();
    socket.connect();
    await settle();
    last().welcome(7);
    expect(last().said[0]).toMatchObject({ op: "hello", token: "token" });
    expect(last().said[0]).not.toHaveProperty("resume");
    expect(states.at(-1)).toEqual({ is: "online" });
  });

  it("resumes after a break from the last event it applied", async () => {
    const { socket, last, events, wires, resyncs } = setUp();
    socket.connect();
    await settle();
    last().welcome(7);
    last().event(8);
    last().event(9);
    last().breaks(1006);
    await vi.advanceTimersByTimeAsync(500);
    expect(wires).toHaveLength(2);
    last().welcome(10, true);
    expect(last().said[0]).toMatchObject({ resume: { epoch: "e1", seq: 9 } });
    last().event(10);
    expect(events.map((event) => event.seq)).toEqual([8, 9, 10]);
    expect(resyncs).toEqual([]);
  });

  it("goes on in the epoch of the newest welcome", async () => {
    const { socket, last } = setUp();
    socket.connect();
    await settle();
    last().welcome(7);
    last().event(8);
    last().breaks(1006);
    await vi.advanceTimersByTimeAsync(500);
    last().welcome(9, true, "e2");
    last().event(9);
    last().breaks(1006);
    await vi.advanceTimersByTimeAsync(1000);
    last().welcome(9, true, "e2");
    expect(last().said[0]).toMatchObject({ resume: { epoch: "e2", seq: 9 } });
  });

  it("applies an event once, however often it is delivered", async () => {
    const { socket, last, events } = setUp();
    socket.connect();
    await settle();
    last().welcome(0);
    last().event(1, "same");
    last().event(1, "same");
    last().event(2, "same");
    expect(events).toHaveLength(1);
  });

  it("does not show a void, and keeps counting over it", async () => {
    const { socket, last, events } = setUp();
    socket.connect();
    await settle();
    last().welcome(0);
    last().event(1, "a", "void");
    last().event(2, "b");
    expect(events.map((event) => event.id)).toEqual(["b"]);
  });

  it("never passes over a gap: it comes back and resumes before it", async () => {
    const { socket, last, events, wires } = setUp();
    socket.connect();
    await settle();
    last().welcome(0);
    last().event(1);
    last().event(3);
    expect(wires[0]?.closed).toBe(true);
    await vi.advanceTimersByTimeAsync(500);
    last().welcome(3, true);
    expect(last().said[0]).toMatchObject({ resume: { seq: 1 } });
    last().event(2);
    last().event(3);
    expect(events.map((event) => event.seq)).toEqual([1, 2, 3]);
  });

  it("passes a resync on and goes on from the new place", async () => {
    const { socket, last, resyncs, events } = setUp();
    socket.connect();
    await settle();
    last().welcome(5);
    last().breaks(1006);
    await vi.advanceTimersByTimeAsync(500);
    last().welcome(900);
    last().says({ op: "resync", reason: "trimmed", epoch: "e2", seq: 905 });
    last().event(906);
    expect(resyncs).toEqual(["trimmed"]);
    expect(events.map((event) => event.seq)).toEqual([906]);
    last().breaks(1006);
    await vi.advanceTimersByTimeAsync(1_000);
    last().welcome(906, true, "e2");
    expect(last().said[0]).toMatchObject({ resume: { epoch: "e2", seq: 906 } });
  });

  it("acknowledges what it applied, once for many", async () => {
    const { socket, last } = setUp();
    socket.connect();
    await settle();
    last().welcome(0);
    for (let seq = 1; seq <= 20; seq += 1) last().event(seq);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(last().saidOp("ack")).toEqual([{ op: "ack", seq: 20 }]);
  });

  it("backs off from half a second to thirty", async () => {
    const { socket, last, wires, states } = setUp();
    socket.connect();
    await settle();
    const waits: number[] = [];
    for (let i = 0; i < 9; i += 1) {
      last().breaks(1006);
      const state = states.at(-1);
      if (state?.is !== "waiting") throw new Error("should be waiting");
      waits.push(state.untilMs - Date.now());
      await vi.advanceTimersByTimeAsync(30_000);
    }
    expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
    expect(wires).toHaveLength(10);
  });

  it.each([
    [4003, "stopped"],
    [4009, "stopped"],
    [4000, "stopped"],
    [4002, "waiting"],
    [1009, "waiting"],
  ])("after %i it is %s", async (code, is) => {
    const { socket, last, states } = setUp();
    socket.connect();
    await settle();
    last().welcome(0);
    last().breaks(code);
    expect(states.at(-1)?.is).toBe(is);
  });

  it("gets a new token after 4001 and comes at once after 4008", async () => {
    const { socket, last, tokens, wires } = setUp();
    socket.connect();
    await settle();
    last().welcome(0);
    last().breaks(4001);
    await vi.advanceTimersByTimeAsync(500);
    expect(tokens).toEqual([false, true]);
    last().welcome(0);
    last().breaks(4008);
    await settle();
    expect(wires).toHaveLength(3);
  });

  it("waits as long as a leaving node asks", async () => {
    const { socket, last, wires } = setUp();
    socket.connect();
    await settle();
    last().welcome(0);
    last().says({ op: "bye", code: 1001, reason: "drain", reconnect_after_ms: 4_000 });
    last().breaks(1001);
    await vi.advanceTimersByTimeAsync(3_999);
    expect(wires).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(wires).toHaveLength(2);
  });

  it("leaves a connection that has been silent for a minute", async () => {
    const { socket, last, wires } = setUp();
    socket.connect();
    await settle();
    last().welcome(0);
    await vi.advanceTimersByTimeAsync(80_000);
    expect(wires.length).toBeGreaterThan(1);
    expect(wires[0]?.closed).toBe(true);
  });

  it("counts who wants a topic, and asks for it again after a break", async () => {
    const { socket, last } = setUp();
    socket.connect();
    await settle();
    last().welcome(0);
    const first = socket.subscribe("post:1");
    const second = socket.subscribe("post:1");
    await vi.advanceTimersByTimeAsync(20);
    expect(last().saidOp("sub")).toMatchObject([{ topics: ["post:1"] }]);
    first();
    first();
    await vi.advanceTimersByTimeAsync(20);
    expect(last().saidOp("unsub")).toEqual([]);
    last().breaks(1006);
    await vi.advanceTimersByTimeAsync(500);
    last().welcome(0, true);
    expect(last().saidOp("sub")).toMatchObject([{ topics: ["post:1"] }]);
    second();
    await vi.advanceTimersByTimeAsync(20);
    expect(last().saidOp("unsub")).toMatchObject([{ topics: ["post:1"] }]);
  });

  it("answers a call, and fails it when the connection is lost", async () => {
    const { socket, last } = setUp();
    socket.connect();
    await settle();
    last().welcome(0);
    const liked = socket.call("posts.like", { post_id: "post_1" }, "key");
    const lost = socket.call("posts.get", {});
    const failed = expect(lost).rejects.toThrow("connection lost");
    expect(last().saidOp("call")[0]).toMatchObject({ method: "posts.like", key: "key" });
    last().says({ op: "result", id: last().saidOp("call")[0]?.id, data: { likes_count: 1 } });
    await expect(liked).resolves.toEqual({ likes_count: 1 });
    last().breaks(1006);
    await failed;
  });

  it("stays closed once closed, and forgets its place", async () => {
    const { socket, last, wires } = setUp();
    socket.connect();
    await settle();
    last().welcome(3);
    socket.close();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(wires).toHaveLength(1);
    socket.connect();
    await settle();
    last().welcome(9);
    expect(last().said[0]).not.toHaveProperty("resume");
  });
});
