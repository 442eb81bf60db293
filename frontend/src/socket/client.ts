import { Backoff } from "./backoff";
import { afterClose } from "./close";
import {
  type ClientMessage,
  type EventMessage,
  type LiveMessage,
  parse,
  type ResumePoint,
  type ServerMessage,
  SUBPROTOCOL,
  type Welcome,
} from "./protocol";
import { Seen } from "./seen";
import { Topics } from "./topics";

/** The part of a WebSocket that is used: browsers, Node and tests all have it. */
export interface Wire {
  send(text: string): void;
  close(code?: number): void;
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
  onerror: (() => void) | null;
}

export type LinkState =
  | { is: "idle" }
  | { is: "connecting" }
  | { is: "online" }
  | { is: "waiting"; untilMs: number }
  | { is: "stopped"; code: number };

export interface SocketOptions {
  open: (subprotocol: string) => Wire;
  /** A token to say hello with; `fresh` when the last one was refused. Null: nobody is logged in. */
  token: (fresh: boolean) => Promise<string | null>;
  client: { name: string; version: string; device: string };
  onEvent: (event: EventMessage) => void;
  onLive: (message: LiveMessage) => void;
  /** Reload what is shown: events were missed that can't be replayed. */
  onResync: (reason: string) => void;
  onState: (state: LinkState) => void;
  now?: () => number;
  random?: () => number;
}

export class CallError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly details?: unknown,
  ) {
    super(message);
    this.name = "CallError";
  }
}

const SILENCE_MS = 60_000;
const PEACE_MS = 60_000;
const ACK_EVERY_MS = 1_000;
const BATCH_MS = 20;

interface Waiting {
  resolve: (data: unknown) => void;
  reject: (error: Error) => void;
}

/**
 * One connection to the gateway that outlives its sockets: it says hello, resumes where it was,
 * keeps its topics, acknowledges what it applied, and comes back after every break.
 */
export class GlimpseSocket {
  private wire: Wire | null = null;
  private state: LinkState = { is: "idle" };
  private point: ResumePoint | null = null;
  private readonly seen = new Seen();
  private readonly topics = new Topics();
  private readonly backoff: Backoff;
  private readonly calls = new Map<string, Waiting>();
  private readonly toTell = { sub: new Set<string>(), unsub: new Set<string>() };
  private nextId = 1;
  private heardAt = 0;
  private pingEveryMs = 25_000;
  private byeAfterMs: number | null = null;
  private fresh = false;
  private wanted = false;
  private retryTimer: ReturnType<typeof setTimeout> | undefined;
  private peaceTimer: ReturnType<typeof setTimeout> | undefined;
  private beatTimer: ReturnType<typeof setInterval> | undefined;
  private ackTimer: ReturnType<typeof setTimeout> | undefined;
  private tellTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly options: SocketOptions) {
    this.backoff = new Backoff(options.random);
  }

  connect(): void {
    if (this.wanted) return;
    this.wanted = true;
    void this.open();
  }

  /** Ends the connection and forgets whose it was. */
  close(): void {
    this.wanted = false;
    this.point = null;
    this.drop(1000);
    this.become({ is: "idle" });
  }

  /** The network or the screen is back: don't sit out the backoff. */
  hurry(): void {
    if (this.state.is === "waiting") void this.open();
    else if (this.state.is === "online") this.beat();
  }

  /** The browser knows that the network is gone: the silence need not be waited for. */
  lost(): void {
    if (this.wire) this.ended(this.wire, 1006);
  }

  /** Live updates of a topic until the returned function is called. */
  subscribe(topic: string): () => void {
    if (this.topics.add(topic)) this.tell("sub", topic);
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      if (this.topics.remove(topic)) this.tell("unsub", topic);
    };
  }

  /** An operation over the socket; `key` makes a repeat harmless. */
  call(method: string, params: Record<string, unknown>, key?: string): Promise<unknown> {
    return this.ask((id) => ({ op: "call", id, method, params, ...(key ? { key } : {}) }));
  }

  /** Renews the session before its token runs out. */
  authenticate(token: string): void {
    if (this.state.is === "online") this.ask((id) => ({ op: "auth", id, token })).catch(() => {});
  }

  private now(): number {
    return (this.options.now ?? Date.now)();
  }

  private become(state: LinkState): void {
    this.state = state;
    this.options.onState(state);
  }

  private async open(): Promise<void> {
    clearTimeout(this.retryTimer);
    this.become({ is: "connecting" });
    let token: string | null;
    try {
      token = await this.options.token(this.fresh);
    } catch {
      if (this.wanted && this.state.is === "connecting") this.retry(this.backoff.nextMs());
      return;
    }
    // Somebody closed, or another attempt began, while the token was on its way.
    if (!this.wanted || this.state.is !== "connecting" || this.wire) return;
    if (token === null) return this.stop(4001);
    const wire = this.options.open(SUBPROTOCOL);
    this.wire = wire;
    this.heardAt = this.now();
    this.byeAfterMs = null;
    wire.onopen = () =>
      this.send({
        op: "hello",
        token,
        client: this.options.client,
        ...(this.point ? { resume: this.point } : {}),
      });
    wire.onmessage = ({ data }) => {
      if (this.wire !== wire) return;
      this.heardAt = this.now();
      const message = parse(data);
      if (message) this.receive(message);
    };
    wire.onerror = () => {};
    wire.onclose = ({ code }) => this.ended(wire, code);
    clearInterval(this.beatTimer);
    this.beatTimer = setInterval(() => this.beat(), this.pingEveryMs);
  }

  private receive(message: ServerMessage): void {
    switch (message.op) {
      case "welcome":
        return this.welcomed(message);
      case "event":
        return this.event(message);
      case "live":
        return this.options.onLive(message);
      case "resync":
        // What comes next is counted from here, not from what was missed.
        this.point = { epoch: message.epoch, seq: message.seq };
        return this.options.onResync(message.reason);
      case "expiring":
        void this.options.token(true).then(
          (token) => token && this.authenticate(token),
          () => {},
        );
        return;
      case "bye":
        this.byeAfterMs = message.reconnect_after_ms ?? null;
        return;
      case "result":
        return this.settle(message.id, (call) => call.resolve(message.data));
      case "ok":
        return this.settle(message.id, (call) => call.resolve(undefined));
      case "error":
        return this.settle(message.id, (call) =>
          call.reject(new CallError(message.code, message.message, message.details)),
        );
      case "pong":
        return;
    }
  }

  private welcomed(message: Welcome): void {
    this.fresh = false;
    this.pingEveryMs = message.ping_interval_ms;
    const seq = message.resumed && this.point ? this.point.seq : message.seq;
    this.point = { epoch: message.epoch, seq };
    this.toTell.sub.clear();
    this.toTell.unsub.clear();
    this.become({ is: "online" });
    const topics = this.topics.all();
    if (topics.length > 0) this.ask((id) => ({ op: "sub", id, topics })).catch(() => {});
    this.peaceTimer = setTimeout(() => this.backoff.reset(), PEACE_MS);
  }

  private event(event: EventMessage): void {
    const point = this.point;
    if (point && event.seq > point.seq + 1) {
      // `seq` is dense, so something is missing: come back and have it replayed.
      if (this.wire) this.ended(this.wire, 1006);
      return;
    }
    if (point && event.seq > point.seq) this.point = { ...point, seq: event.seq };
    if (this.seen.add(event.id) && event.type !== "void") this.options.onEvent(event);
    this.ackTimer ??= setTimeout(() => {
      this.ackTimer = undefined;
      if (this.point && this.state.is === "online") this.send({ op: "ack", seq: this.point.seq });
    }, ACK_EVERY_MS);
  }

  private beat(): void {
    if (!this.wire) return;
    if (this.now() - this.heardAt >= SILENCE_MS) this.ended(this.wire, 1006);
    else if (this.state.is === "online") this.send({ op: "ping", t: this.now() });
  }

  private ended(wire: Wire, code: number): void {
    if (this.wire !== wire) return;
    const afterMs = this.byeAfterMs;
    this.drop(1000);
    if (!this.wanted) return;
    const next = afterClose(code);
    if (next.do === "stop") return this.stop(code);
    if (next.do === "new-token") this.fresh = true;
    if (next.do === "at-once") this.retry(0);
    else this.retry(afterMs ?? this.backoff.nextMs());
  }

  private retry(delayMs: number): void {
    this.become({ is: "waiting", untilMs: this.now() + delayMs });
    this.retryTimer = setTimeout(() => void this.open(), delayMs);
  }

  private stop(code: number): void {
    this.wanted = false;
    this.drop(1000);
    this.become({ is: "stopped", code });
  }

  private drop(code: number): void {
    clearTimeout(this.retryTimer);
    clearTimeout(this.peaceTimer);
    clearInterval(this.beatTimer);
    clearTimeout(this.ackTimer);
    this.ackTimer = undefined;
    const wire = this.wire;
    this.wire = null;
    if (wire) {
      wire.onopen = wire.onmessage = wire.onclose = null;
      wire.close(code);
    }
    for (const call of this.calls.values()) call.reject(new CallError("lost", "connection lost"));
    this.calls.clear();
  }

  /** Topics come and go in bursts while one scrolls, so they are told together. */
  private tell(op: "sub" | "unsub", topic: string): void {
    const other = op === "sub" ? "unsub" : "sub";
    if (!this.toTell[other].delete(topic)) this.toTell[op].add(topic);
    this.tellTimer ??= setTimeout(() => {
      this.tellTimer = undefined;
      for (const what of ["unsub", "sub"] as const) {
        const topics = [...this.toTell[what]];
        this.toTell[what].clear();
        if (topics.length > 0 && this.state.is === "online") {
          this.ask((id) => ({ op: what, id, topics })).catch(() => {});
        }
      }
    }, BATCH_MS);
  }

  private ask(build: (id: string) => ClientMessage): Promise<unknown> {
    if (this.state.is !== "online") return Promise.reject(new CallError("lost", "not connected"));
    const id = String(this.nextId++);
    return new Promise((resolve, reject) => {
      this.calls.set(id, { resolve, reject });
      this.send(build(id));
    });
  }

  private settle(id: unknown, answer: (call: Waiting) => void): void {
    const call = typeof id === "string" ? this.calls.get(id) : undefined;
    if (!call) return;
    this.calls.delete(String(id));
    answer(call);
  }

  private send(message: ClientMessage): void {
    try {
      this.wire?.send(JSON.stringify(message));
    } catch {
      // The socket is closing: its close event brings us back.
    }
  }
}
