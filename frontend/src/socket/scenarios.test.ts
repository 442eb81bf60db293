import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { GlimpseSocket } from "./client";
import type { CallError } from "./errors";
import type { Wire } from "./wire";

/**
 * The TypeScript client against the table that both clients keep to: scenarios.json says what the
 * words mean. The server and the time are made up here; the client is the real one.
 */
type Step = Record<string, unknown>;
type Frame = Record<string, unknown>;
interface Scenario {
  name: string;
  point?: [string, number];
  tokens?: (string | null)[];
  random?: number;
  steps: Step[];
}
interface Table {
  messages: Record<string, Frame>;
  macros: Record<string, Step[]>;
  scenarios: Scenario[];
}

const TABLE = JSON.parse(
  readFileSync(new URL("../../../tests/realtime/scenarios.json", import.meta.url), "utf8"),
) as Table;
const ALWAYS = ["events", "live", "topics", "calls", "stopped"];

class FakeWire implements Wire {
  onopen: Wire["onopen"] = null;
  onmessage: Wire["onmessage"] = null;
  onclose: Wire["onclose"] = null;
  onerror: Wire["onerror"] = null;
  said: Frame[] = [];
  closedByClient = false;

  send(text: string): void {
    if (this.closedByClient) throw new Error(`said on a closed wire: ${text}`);
    this.said.push(JSON.parse(text) as Frame);
  }

  close(): void {
    this.closedByClient = true;
  }
}

class Play {
  private readonly wires: FakeWire[] = [];
  private readonly saw: Record<string, unknown[]> = {};
  private readonly names: Record<string, unknown> = {};
  private readonly releases = new Map<string, () => void>();
  private readonly socket: GlimpseSocket;
  private tokensGiven = 0;

  constructor(scenario: Scenario) {
    for (const kind of [...ALWAYS, "points", "tokens"]) this.saw[kind] = [];
    const tokens = scenario.tokens ?? ["t1", "t2", "t3"];
    this.socket = new GlimpseSocket({
      open: () => {
        this.wires.push(new FakeWire());
        return this.wire;
      },
      token: async (fresh) => {
        this.note("tokens", fresh);
        if (fresh) this.tokensGiven += 1;
        const token = tokens[Math.min(this.tokensGiven, tokens.length - 1)] ?? null;
        if (token === "!") throw new Error("no token just now");
        return token;
      },
      client: { name: "test", version: "1", device: "dev_1" },
      point: scenario.point ? { epoch: scenario.point[0], seq: scenario.point[1] } : null,
      onPoint: ({ epoch, seq }) => this.note("points", [epoch, seq]),
      onEvent: (event) => this.note("events", event.id),
      onResync: (reason) => this.note("events", `resync:${reason}`),
      onLive: ({ topic, type }) => this.note("live", [topic, type]),
      onTopic: (topic, answer) => this.note("topics", [topic, answer]),
      onState: (state) => state.is === "stopped" && this.note("stopped", state.code),
      random: () => scenario.random ?? 1,
    });
  }

  async run(steps: Step[]): Promise<void> {
    this.socket.connect();
    await vi.advanceTimersByTimeAsync(0);
    for (const [number, step] of steps.entries()) {
      try {
        await this.step(step);
      } catch (wrong) {
        throw new Error(`step ${number}, ${JSON.stringify(step)}: ${(wrong as Error).message}`);
      }
    }
    this.checkSent([]);
    this.checkSaw({});
    this.socket.close();
  }

  private get wire(): FakeWire {
    const wire = this.wires.at(-1);
    if (!wire) throw new Error("no connection was attempted");
    return wire;
  }

  private note(kind: string, what: unknown): void {
    this.saw[kind]?.push(what);
  }

  private async step(step: Step): Promise<void> {
    const what = Object.keys(step)[0] ?? "";
    const verb = this.verbs[what];
    if (!verb) throw new Error(`no such word: ${what}`);
    await verb(step[what] as never, step);
    await vi.advanceTimersByTimeAsync(0);
  }

  private readonly verbs: Record<string, (value: never, step: Step) => unknown> = {
    open: () => this.wire.onopen?.(),
    say: (template: string, { say: _, ...changes }) => {
      const message: Frame = { ...TABLE.messages[template], ...changes };
      const id = message.id;
      if (typeof id === "string" && id.startsWith("$")) message.id = this.names[id];
      this.wire.onmessage?.({ data: JSON.stringify(message) });
    },
    raw: (text: string) => this.wire.onmessage?.({ data: text }),
    close: (code: number) => this.wire.onclose?.({ code }),

    play: async (macro: string) => {
      for (const step of TABLE.macros[macro] ?? []) await this.step(step);
    },
    wait_ms: (timeMs: number) => vi.advanceTimersByTimeAsync(timeMs),
    call: (name: string, step) => {
      for (let n = 0; n < ((step.count as number) ?? 1); n += 1) this.call(name, step);
    },
    subscribe: (topics: string[]) => {
      for (const topic of topics) this.releases.set(topic, this.socket.subscribe(topic));
    },
    unsubscribe: (topic: string) => this.releases.get(topic)?.(),
    authenticate: (token: string) => this.socket.authenticate(token),
    hurry: () => this.socket.hurry(),
    cut: () => this.socket.lost(),
    shut: () => this.socket.close(),

    sent: (frames: unknown[]) => this.checkSent(frames),
    sent_count: (count: number) => expect(this.takeSaid()).toHaveLength(count),
    saw: (wanted: Record<string, unknown[]>) => this.checkSaw(wanted),
    connections: (count: number) => expect(this.wires).toHaveLength(count),
    closed: (wanted: boolean) => expect(this.wire.closedByClient).toBe(wanted),
  };

  private call(name: string, step: Step): void {
    const params = step.params as Record<string, unknown>;
    const options = {
      ...(step.key ? { key: step.key as string } : {}),
      ...(step.timeout_ms ? { timeoutMs: step.timeout_ms as number } : {}),
    };
    this.socket.call(step.method as string, params, options).then(
      (data) => this.note("calls", [name, data]),
      (error) => this.note("calls", [name, `error: ${(error as CallError).code}`]),
    );
  }

  private takeSaid(): Frame[] {
    return this.wire.said.splice(0);
  }

  private checkSent(frames: unknown[]): void {
    const said = this.takeSaid();
    expect(said).toHaveLength(frames.length);
    for (const [n, wanted] of frames.entries()) {
      if (wanted !== "*") expect(said[n]).toEqual(this.filled(wanted as Frame, said[n] ?? {}));
    }
  }

  /** What is wanted, with names and wildcards replaced by what stands there. */
  private filled(wanted: Frame, said: Frame): Frame {
    const value = (name: string, one: unknown) => {
      if (one === "*") return said[name];
      if (typeof one !== "string" || !one.startsWith("$")) return one;
      this.names[one] ??= said[name];
      return this.names[one];
    };
    return Object.fromEntries(
      Object.entries(wanted).map(([name, one]) => [name, value(name, one)]),
    );
  }

  private checkSaw(wanted: Record<string, unknown[]>): void {
    for (const kind of new Set([...ALWAYS, ...Object.keys(wanted)])) {
      const expected = (wanted[kind] ?? []).flatMap((one) => {
        const counted = kind === "calls" && (one as unknown[]).length === 3;
        if (!counted) return [one];
        const [name, answer, count] = one as [string, unknown, number];
        return Array.from({ length: count }, () => [name, answer]);
      });
      expect(this.saw[kind]?.splice(0), kind).toEqual(expected);
    }
  }
}

describe("the TypeScript client keeps to the table", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it.each(TABLE.scenarios.map((each) => [each.name, each] as const))("%s", async (_, scenario) => {
    await new Play(scenario).run(scenario.steps);
  });
});
