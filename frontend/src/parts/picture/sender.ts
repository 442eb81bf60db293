import type { UploadStage } from "@/api/bytes";
import { type Problem, problemOf } from "@/api/errors";
import { upload } from "@/api/upload";
import { onUploadFailed } from "@/stores/uploads";
import type { Cut } from "./picture";

const SETTLE_MS = 1_200;
const AT_ONCE_MAX = 2;

/** How far the bytes of one picked file are. */
export interface Sending {
  stage: "reading" | "waiting" | "preparing" | UploadStage | "done" | "failed";
  percent: number;
  problem: Problem | null;
  mediaKey: string | null;
}

export const UNSENT: Sending = { stage: "reading", percent: 0, problem: null, mediaKey: null };
const WAITS: Sending = { stage: "waiting", percent: 0, problem: null, mediaKey: null };

/** Makes the bytes. What it shows meanwhile is shown only while nothing newer is wanted. */
export type Prepare = (signal: AbortSignal) => Promise<Cut>;

/**
 * Sends picked files, two at a time: more would only make the first one later. What is changed
 * while it is sent is sent anew, and whoever asked last for an id is the one who hears of it.
 */
export class Sender {
  private readonly queue = new Map<string, Prepare>();
  private readonly flights = new Map<string, AbortController>();
  private readonly timers = new Map<
    string,
    { timer: ReturnType<typeof setTimeout>; run: Prepare }
  >();
  private readonly listening = new Map<string, () => void>();
  private running = 0;

  constructor(private readonly tell: (id: string, change: Partial<Sending>) => void) {}

  start(id: string, prepare: Prepare): void {
    this.halt(id);
    this.tell(id, WAITS);
    this.queue.set(id, prepare);
    this.next();
  }

  /** Once the finger rests. */
  startSoon(id: string, prepare: Prepare): void {
    this.halt(id);
    this.tell(id, WAITS);
    const timer = setTimeout(() => this.start(id, prepare), SETTLE_MS);
    this.timers.set(id, { timer, run: prepare });
  }

  /** Nothing waits for a finger to rest any more. */
  hurry(): void {
    for (const [id, { run }] of this.timers) this.start(id, run);
  }

  halt(id: string): void {
    clearTimeout(this.timers.get(id)?.timer);
    this.timers.delete(id);
    this.queue.delete(id);
    this.flights.get(id)?.abort();
    this.flights.delete(id);
    this.listening.get(id)?.();
    this.listening.delete(id);
  }

  /** What comes of the files is somebody else's business now. */
  deafen(): void {
    for (const stop of this.listening.values()) stop();
    this.listening.clear();
  }

  private next(): void {
    const [first] = this.queue;
    if (this.running >= AT_ONCE_MAX || !first) return;
    this.queue.delete(first[0]);
    this.running += 1;
    void this.send(...first).finally(() => {
      this.running -= 1;
      this.next();
    });
    this.next();
  }

  private async send(id: string, prepare: Prepare): Promise<void> {
    const flight = new AbortController();
    this.flights.set(id, flight);
    const { signal } = flight;
    const tell = (change: Partial<Sending>) => {
      if (!signal.aborted) this.tell(id, change);
    };
    try {
      tell({ stage: "preparing" });
      const sent = await prepare(signal);
      signal.throwIfAborted();
      const { media_key, media_id } = await upload(sent.blob, sent.type, {
        signal,
        onStage: (stage) => tell({ stage }),
        onPercent: (percent) => tell({ percent }),
      });
      if (signal.aborted) return;
      tell({ stage: "done", percent: 100, mediaKey: media_key });
      // The server may still find that the file is none that it takes.
      const stop = onUploadFailed(media_id, (reason) =>
        this.tell(id, { stage: "failed", problem: { text: reason, requestId: null } }),
      );
      this.listening.set(id, stop);
    } catch (error) {
      tell({ stage: "failed", problem: problemOf(error) });
    } finally {
      if (this.flights.get(id) === flight) this.flights.delete(id);
    }
  }
}
