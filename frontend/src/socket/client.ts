import { Backoff } from "./backoff";
import { Calls } from "./calls";
import { afterClose, BAD_TOKEN, FRAME_TOO_LARGE, LOST, NO_CODE } from "./close";
import { CallError } from "./errors";
import type { CallOptions, LinkState, SocketOptions } from "./options";
import {
  type Bye,
  type ClientMessage,
  type EventMessage,
  parse,
  type ResumePoint,
  type ServerMessage,
  SUBPROTOCOL,
  type Welcome,
} from "./protocol";
import { Seen } from "./seen";
import { Topics } from "./topics";
import type { Wire } from "./wire";

const SILENCE_MS = 60_000;
const PEACE_MS = 60_000;
const ANSWER_MS = 30_000;
const ACK_EVERY_MS = 1_000;
const BATCH_MS = 20;
const CLOSED = 1000;

/**
 * One connection to the gateway that outlives its sockets: it says hello, resumes where it was,
 * keeps its topics, acknowledges what it applied, and comes back after every break.
 */
export class GlimpseSocket {
  private wire: Wire | null = null;
  private state: LinkState = { is: "idle" };
  private begun = false;
  private over = false;
  private point: ResumePoint | null;
  private resuming = false;
  private readonly seen = new Seen();
  private readonly topics = new Topics();
  private readonly backoff: Backoff;
  private readonly calls: Calls;
  private readonly toTell = { sub: new Set<string>(), unsub: new Set<string>() };
  private heardAt = 0;
  private pingedAt = 0;
  private welcomedAt: number | null = null;
  private pingEveryMs = 25_000;
  private bye: Bye | null = null;
  private fresh = false;
  private retryTimer: ReturnType<typeof setTimeout> | undefined;
  private beatTimer: ReturnType<typeof setTimeout> | undefined;
  private ackTimer: ReturnType<typeof setTimeout> | undefined;
  private tellTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly options: SocketOptions) {
    this.backoff = new Backoff(options.random);
    this.point = options.point ?? null;
    this.calls = new Calls(
      (text) => this.sendText(text),
      () => this.now(),
    );
  }

  connect(): void {
    if (this.begun) return;
    this.begun = true;
    void this.open();
  }

  /** For good: calls that wait fail, and nothing is sent any more. */
  close(): void {
    this.finish("closed");
    this.become({ is: "idle" });
  }

  /** The network or the screen is back: don't sit out the backoff. */
  hurry(): void {
    if (this.state.is === "waiting") void this.open();
    else if (this.state.is === "online") {
      this.pingedAt = Number.NEGATIVE_INFINITY;
      this.beat();
    }
  }

  /** The network is known to be gone: the silence need not be waited for. */
  lost(): void {
    if (this.wire) this.ended(this.wire, LOST);
  }

  /** Live updates of a topic until the returned function is called. */
  subscribe(topic: string): () => void {
    const { isNew, release } = this.topics.add(topic);
    if (isNew) this.tell("sub", topic);
    return () => {
      if (release()) this.tell("unsub", topic);
    };
  }

  /**
   * An operation over the socket. Without a connection it waits in the outbox, in order; rejects
   * with a CallError.
   */
  call(
    method: string,
    params: Record<string, unknown> = {},
    { key, timeoutMs = ANSWER_MS }: CallOptions = {},
  ): Promise<unknown> {
    const build = (id: string): ClientMessage => ({
      op: "call",
      method,
      params,
      ...(key ? { key } : {}),
      id,
    });
    return this.calls.ask(build, Boolean(key), timeoutMs);
  }

  /** Renews the session before its token runs out; the next hello asks for a token anyway. */
  authenticate(token: string): void {
    if (this.state.is !== "online") return;
    this.calls.askNow((id) => ({ op: "auth", token, id })).catch(() => {});
  }

  private now(): number {
    return (this.options.now ?? Date.now)();
  }

  private become(state: LinkState): void {
    this.state = state;
    this.options.onState?.(state);
  }

  private async open(): Promise<void> {
    clearTimeout(this.retryTimer);
    this.become({ is: "connecting" });
    this.bye = null;
    this.welcomedAt = null;
    let token: string | null;
    try {
      token = await this.options.token(this.fresh);
    } catch {
      if (this.state.is === "connecting" && !this.wire) this.retry(this.backoff.nextMs());
      return;
    }
    // Somebody closed, or another attempt began, while the token was on its way.
    if (this.over || this.state.is !== "connecting" || this.wire) return;
    if (token === null) return this.stop(BAD_TOKEN);
    this.talk(this.options.open(SUBPROTOCOL), token);
  }

  private talk(wire: Wire, token: string): void {
    this.wire = wire;
    this.heardAt = this.pingedAt = this.now();
    let isOpen = false;
    wire.onopen = () => {
      isOpen = true;
      this.heardAt = this.pingedAt = this.now();
      this.resuming = this.point !== null;
      this.send({
        op: "hello",
        token,
        client: this.options.client,
        ...(this.point ? { resume: this.point } : {}),
      });
    };
    wire.onmessage = ({ data }) => {
      if (this.wire !== wire) return;
      this.heardAt = this.now();
      const message = parse(data);
      if (message) this.receive(message);
    };
    wire.onerror = () => {
      // A connection that fails ends with a close, but not in Node before 22.
      if (!isOpen) this.ended(wire, LOST);
    };
    wire.onclose = ({ code }) => this.ended(wire, code);
    this.beat();
  }

  private receive(message: ServerMessage): void {
    if (message.op === "bye") {
      this.bye = message;
      return;
    }
    if (this.state.is !== "online") {
      if (message.op === "welcome") this.welcomed(message);
      return;
    }
    switch (message.op) {
      case "event":
        return this.event(message);
      case "live":
        if (message.type === "revoked") this.topics.forget(message.topic);
        return this.options.onLive(message);
      case "resync":
        // What comes next is counted from here, not from what was missed.
        this.point = { epoch: message.epoch, seq: message.seq };
        this.options.onResync(message.reason);
        return this.ackSoon();
      case "expiring":
        void this.options.token(true).then(
          (token) => token && this.authenticate(token),
          () => {},
        );
        return;
      case "result":
        return this.calls.result(message.id, message.data);
      case "ok":
        return this.calls.result(message.id, undefined);
      case "error":
        return this.calls.fail(
          message.id,
          new CallError(message.code, message.message, message.details),
        );
    }
  }

  private welcomed(message: Welcome): void {
    this.fresh = false;
    this.welcomedAt = this.now();
    this.pingEveryMs = message.ping_interval_ms;
    if (message.resumed && this.point) {
      // The numbering may go on under another epoch: Redis has begun a new life.
      this.point = { epoch: message.epoch, seq: this.point.seq };
    } else if (!this.resuming) {
      this.point = { epoch: message.epoch, seq: message.seq };
      this.ackSoon();
    }
    // Else a resync follows a refusal, and until it does the old place stands: to forget it here
    // would be a silent gap if the connection broke between the two.
    this.toTell.sub.clear();
    this.toTell.unsub.clear();
    this.become({ is: "online" });
    this.sub(this.topics.all());
    this.calls.welcomed(message.limits);
    clearTimeout(this.beatTimer);
    this.beat();
  }

  private event(event: EventMessage): void {
    const point = this.point;
    if (point && event.seq > point.seq + 1) {
      // `seq` is dense, so something is missing: come back and have it replayed.
      if (this.wire) this.ended(this.wire, LOST);
      return;
    }
    if (point && event.seq > point.seq) this.point = { ...point, seq: event.seq };
    if (this.seen.add(event.id) && event.type !== "void") this.options.onEvent(event);
    this.ackSoon();
  }

  /** What was applied is acknowledged, and told to be kept, once in a while. */
  private ackSoon(): void {
    this.ackTimer ??= setTimeout(() => {
      this.keepPoint();
      if (this.point && this.state.is === "online") this.send({ op: "ack", seq: this.point.seq });
    }, ACK_EVERY_MS);
  }

  private keepPoint(): void {
    if (this.ackTimer === undefined) return;
    clearTimeout(this.ackTimer);
    this.ackTimer = undefined;
    if (this.point) this.options.onPoint?.(this.point);
  }

  /** Asks for a sign of life now and then, and leaves when there is none. */
  private beat(): void {
    const wire = this.wire;
    if (!wire) return;
    const now = this.now();
    if (now - this.heardAt >= SILENCE_MS) return this.ended(wire, LOST);
    if (now - this.pingedAt >= this.pingEveryMs) {
      this.pingedAt = now;
      if (this.state.is === "online") this.send({ op: "ping", t: now });
    }
    clearTimeout(this.beatTimer);
    const dueAt = Math.min(this.pingedAt + this.pingEveryMs, this.heardAt + SILENCE_MS);
    this.beatTimer = setTimeout(() => this.beat(), Math.max(1, dueAt - now));
  }

  private ended(wire: Wire, code: number): void {
    if (this.wire !== wire) return;
    this.drop();
    this.calls.lost(code === FRAME_TOO_LARGE);
    // The close itself may have been lost, but not the reason for it.
    const why = this.bye && (code === LOST || code === NO_CODE) ? this.bye.code : code;
    const isPeace = this.welcomedAt !== null && this.now() - this.welcomedAt >= PEACE_MS;
    if (isPeace) this.backoff.reset();
    const next = afterClose(why);
    if (next.do === "stop") return this.stop(why);
    if (next.do === "new-token") {
      if (this.fresh) return this.stop(why);
      this.fresh = true;
    }
    if (next.do === "at-once") return this.retry(0);
    this.retry(this.bye?.reconnect_after_ms ?? this.backoff.nextMs());
  }

  private retry(delayMs: number): void {
    this.become({ is: "waiting", untilMs: this.now() + delayMs });
    this.retryTimer = setTimeout(() => void this.open(), delayMs);
  }

  private stop(code: number): void {
    this.finish(`the server closed with ${code}`);
    this.become({ is: "stopped", code });
  }

  private finish(reason: string): void {
    this.begun = this.over = true;
    this.keepPoint();
    this.drop();
    clearTimeout(this.retryTimer);
    clearTimeout(this.tellTimer);
    this.calls.end(reason);
  }

  private drop(): void {
    clearTimeout(this.beatTimer);
    const wire = this.wire;
    this.wire = null;
    if (!wire) return;
    // A late error of a socket that was left is nobody's; `ws` throws what nobody listens to.
    wire.onopen = wire.onmessage = wire.onclose = null;
    wire.onerror = () => {};
    wire.close(CLOSED);
  }

  /** Topics come and go in bursts while one scrolls, so they are told together. */
  private tell(op: "sub" | "unsub", topic: string): void {
    if (this.over) return;
    const other = op === "sub" ? "unsub" : "sub";
    if (!this.toTell[other].delete(topic)) this.toTell[op].add(topic);
    this.tellTimer ??= setTimeout(() => {
      this.tellTimer = undefined;
      const { sub, unsub } = this.toTell;
      const [come, gone] = [[...sub], [...unsub]];
      sub.clear();
      unsub.clear();
      // Without a connection the next welcome asks for all that is wanted by then.
      if (this.state.is !== "online") return;
      if (gone.length > 0) {
        this.calls.askNow((id) => ({ op: "unsub", topics: gone, id })).catch(() => {});
      }
      this.sub(come);
    }, BATCH_MS);
  }

  private sub(topics: string[]): void {
    if (topics.length === 0) return;
    const asked = this.calls.askNow((id) => ({ op: "sub", topics, id }));
    asked.then(
      (data) => this.subscribed((data as { topics: Record<string, string> }).topics),
      () => {}, // The next connection asks again.
    );
  }

  private subscribed(answers: Record<string, string>): void {
    for (const [topic, answer] of Object.entries(answers)) {
      const wasHeld = this.topics.isGranted(topic);
      if (this.topics.answered(topic, answer)) {
        this.options.onLive({ op: "live", topic, type: "revoked", ts: "", data: {} });
      } else if (!wasHeld) this.options.onTopic?.(topic, answer);
    }
  }

  private send(message: ClientMessage): void {
    this.sendText(JSON.stringify(message));
  }

  private sendText(text: string): void {
    try {
      this.wire?.send(text);
    } catch {
      // The socket is closing: its close event brings us back.
    }
  }
}
