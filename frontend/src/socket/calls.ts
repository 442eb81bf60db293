import { CallError } from "./errors";
import type { ClientMessage } from "./protocol";

const WAITING_MAX = 256;

interface Asked {
  text: string;
  /** May be sent again on a new connection. */
  again: boolean;
  sent: boolean;
  timer: ReturnType<typeof setTimeout> | undefined;
  resolve: (data: unknown) => void;
  reject: (error: Error) => void;
}

/**
 * Requests and their answers: the outbox while there is no connection, in order, with bounds.
 *
 * A request that was never sent waits for the next connection. One that was sent when the
 * connection broke may have been carried out: with a key it is sent again, in its old place and
 * with its old id, else it fails. No more leave in a second than the server allows.
 */
export class Calls {
  private readonly asked = new Map<string, Asked>();
  private nextId = 1;
  private online = false;
  private ended: CallError | null = null;
  // Until a welcome says what the server takes.
  private limits = { frame_bytes: 65_536, calls_per_s: 50 };
  private allowance = 0;
  private refilledAt = 0;
  private pumpTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly say: (text: string) => void,
    private readonly now: () => number,
  ) {}

  /** The answer. Without a connection it waits for one; rejects with a CallError. */
  ask(
    build: (id: string) => ClientMessage,
    again: boolean,
    timeoutMs: number | null,
  ): Promise<unknown> {
    if (this.ended) return Promise.reject(this.ended);
    if (this.asked.size >= WAITING_MAX) {
      return Promise.reject(new CallError("full", `${WAITING_MAX} calls wait already`));
    }
    const id = String(this.nextId++);
    const text = JSON.stringify(build(id));
    if (new TextEncoder().encode(text).length > this.limits.frame_bytes) {
      const most = this.limits.frame_bytes;
      return Promise.reject(new CallError("too_large", `the server takes ${most} bytes`));
    }
    return new Promise((resolve, reject) => {
      const fail = () => this.fail(id, new CallError("timeout", `no answer in ${timeoutMs} ms`));
      const timer = timeoutMs === null ? undefined : setTimeout(fail, timeoutMs);
      this.asked.set(id, { text, again, sent: false, timer, resolve, reject });
      this.pump();
    });
  }

  /** Sent at once, before what waits: the connection's own business. Call it while online alone. */
  askNow(build: (id: string) => ClientMessage): Promise<unknown> {
    const id = String(this.nextId++);
    const text = JSON.stringify(build(id));
    return new Promise((resolve, reject) => {
      this.asked.set(id, { text, again: false, sent: true, timer: undefined, resolve, reject });
      this.say(text);
    });
  }

  welcomed(limits: { frame_bytes: number; calls_per_s: number }): void {
    this.online = true;
    this.limits = limits;
    this.allowance = limits.calls_per_s;
    this.refilledAt = this.now();
    this.pump();
  }

  /** The connection is gone; `nothingAgain`: not even what has a key. */
  lost(nothingAgain: boolean): void {
    this.online = false;
    this.stopPump();
    for (const [id, asked] of this.asked) {
      if (asked.sent && (nothingAgain || !asked.again)) {
        this.fail(id, new CallError("lost", "the connection broke"));
      }
      asked.sent = false;
    }
  }

  end(reason: string): void {
    this.online = false;
    this.ended = new CallError("stopped", reason);
    this.stopPump();
    for (const id of this.asked.keys()) this.fail(id, this.ended);
  }

  result(id: unknown, data: unknown): void {
    this.take(id)?.resolve(data);
  }

  fail(id: unknown, error: CallError): void {
    this.take(id)?.reject(error);
  }

  private take(id: unknown): Asked | undefined {
    const asked = typeof id === "string" ? this.asked.get(id) : undefined;
    if (asked) {
      this.asked.delete(String(id));
      clearTimeout(asked.timer);
    }
    return asked;
  }

  private pump(): void {
    if (!this.online || this.pumpTimer !== undefined) return;
    const perS = Math.max(1, this.limits.calls_per_s);
    const now = this.now();
    this.allowance = Math.min(perS, this.allowance + ((now - this.refilledAt) / 1000) * perS);
    this.refilledAt = now;
    for (const asked of this.asked.values()) {
      if (asked.sent) continue;
      if (this.allowance < 1) {
        const waitMs = Math.max(1, Math.ceil(((1 - this.allowance) / perS) * 1000));
        this.pumpTimer = setTimeout(() => {
          this.pumpTimer = undefined;
          this.pump();
        }, waitMs);
        return;
      }
      this.allowance -= 1;
      asked.sent = true;
      this.say(asked.text);
    }
  }

  private stopPump(): void {
    clearTimeout(this.pumpTimer);
    this.pumpTimer = undefined;
  }
}
