import { type Problem, problemOf } from "@/api/errors";
import { randomKey } from "@/api/key";
import { type UploadStage, upload } from "@/api/upload";
import { m } from "@/app/messages";
import type { PersonTag } from "@/app/types";
import { onUploadFailed } from "@/stores/uploads";
import { type Crop, ratioOf, settled, WHOLE } from "./crop";
import { cut, type Decoded, decode, typeOf } from "./picture";

export const ITEMS_MAX = 10;
const BYTES_MAX = 20 * 1024 * 1024;
const SETTLE_MS = 1_200;
const AT_ONCE_MAX = 2;

export interface Item {
  id: string;
  file: File;
  type: string;
  decoded: Decoded | null;
  /** A local picture of what is sent; null when the browser can't show it. */
  preview: string | null;
  crop: Crop;
  alt: string;
  tags: PersonTag[];
  stage: "reading" | "waiting" | "preparing" | UploadStage | "done" | "failed";
  percent: number;
  problem: Problem | null;
  mediaKey: string | null;
}

export interface DeskState {
  items: Item[];
  caption: string;
  place: string;
  /** Files that were not taken, each with its reason. */
  refused: string[];
}

/**
 * What lies on the desk while a post is made. Each photo's upload begins when it is picked, and
 * anew when it is cut differently; the post itself can be shared long before they are done.
 */
export class Desk {
  private state: DeskState = { items: [], caption: "", place: "", refused: [] };
  private readonly watchers = new Set<() => void>();
  private readonly flights = new Map<string, AbortController>();
  private readonly timers = new Map<string, ReturnType<typeof setTimeout>>();
  private readonly listening: (() => void)[] = [];
  private running = 0;

  get = (): DeskState => this.state;

  watch = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  };

  private set(change: Partial<DeskState>): void {
    this.state = { ...this.state, ...change };
    for (const watcher of this.watchers) watcher();
  }

  private item(id: string): Item | undefined {
    return this.state.items.find((item) => item.id === id);
  }

  patch(id: string, change: Partial<Item>): void {
    const items = this.state.items.map((item) => (item.id === id ? { ...item, ...change } : item));
    this.set({ items });
  }

  write(change: { caption?: string; place?: string }): void {
    this.set(change);
  }

  async add(files: File[]): Promise<void> {
    const refused: string[] = [];
    const taken: Item[] = [];
    const room = ITEMS_MAX - this.state.items.length;
    for (const file of files) {
      const type = typeOf(file);
      if (!type) refused.push(m.composer.wrongType(file.name));
      else if (file.size === 0) refused.push(m.composer.emptyFile(file.name));
      else if (file.size > BYTES_MAX) refused.push(m.composer.tooLarge(file.name));
      else taken.push(newItem(file, type));
    }
    if (taken.length > room) refused.push(m.composer.tooMany);
    const kept = taken.slice(0, room);
    this.set({ items: [...this.state.items, ...kept], refused });
    await Promise.all(
      kept.map(async (item) => {
        const decoded = await decode(item.file, item.type);
        const preview =
          decoded || item.type === "image/gif" ? URL.createObjectURL(item.file) : null;
        this.patch(item.id, { decoded, preview });
        this.start(item.id);
      }),
    );
  }

  remove(id: string): void {
    this.halt(id);
    this.set({ items: this.state.items.filter((item) => item.id !== id) });
    this.next();
  }

  move(id: string, to: number): void {
    const item = this.item(id);
    if (!item) return;
    const items = this.state.items.filter((other) => other.id !== id);
    items.splice(to, 0, item);
    this.set({ items });
  }

  /** What was sent is no longer what is wanted: it is sent anew once the finger rests. */
  recut(id: string, change: Partial<Crop>): void {
    const item = this.item(id);
    if (!item?.decoded) return;
    const crop = settled({ ...item.crop, ...change }, item.decoded.natural);
    this.halt(id);
    this.patch(id, { crop, stage: "waiting", percent: 0, problem: null, mediaKey: null });
    this.timers.set(
      id,
      setTimeout(() => this.start(id), SETTLE_MS),
    );
  }

  retry(id: string): void {
    this.patch(id, { stage: "waiting", percent: 0, problem: null });
    this.start(id);
  }

  /** Share was pressed: nothing waits for a finger to rest any more. */
  hurry(): void {
    for (const [id, timer] of this.timers) {
      clearTimeout(timer);
      this.start(id);
    }
  }

  retryAll(): void {
    for (const item of this.state.items) if (item.stage === "failed") this.retry(item.id);
  }

  clear(): void {
    for (const item of this.state.items) {
      this.halt(item.id);
      if (item.preview) URL.revokeObjectURL(item.preview);
    }
    this.deafen();
    this.set({ items: [], caption: "", place: "", refused: [] });
  }

  /** The post has been made: what comes of its photos is the post's business now. */
  deafen(): void {
    for (const stop of this.listening.splice(0)) stop();
  }

  private halt(id: string): void {
    clearTimeout(this.timers.get(id));
    this.timers.delete(id);
    this.flights.get(id)?.abort();
    this.flights.delete(id);
  }

  private start(id: string): void {
    this.timers.delete(id);
    this.patch(id, { stage: "waiting" });
    this.next();
  }

  /** Two at a time: more would only make the first one later. */
  private next(): void {
    if (this.running >= AT_ONCE_MAX) return;
    const item = this.state.items.find(
      ({ id, stage }) => stage === "waiting" && !this.timers.has(id) && !this.flights.has(id),
    );
    if (!item) return;
    this.running += 1;
    void this.send(item).finally(() => {
      this.running -= 1;
      this.next();
    });
    this.next();
  }

  private async send(item: Item): Promise<void> {
    const { id, file, type, decoded, crop } = item;
    const flight = new AbortController();
    this.flights.set(id, flight);
    const { signal } = flight;
    const tell = (change: Partial<Item>) => {
      if (!signal.aborted) this.patch(id, change);
    };
    try {
      tell({ stage: "preparing" });
      const sent = await cut(file, type, decoded?.natural ?? null, crop);
      signal.throwIfAborted();
      if (sent.blob !== file) this.show(id, URL.createObjectURL(sent.blob));
      const { media_key, media_id } = await upload(sent.blob, sent.type, {
        signal,
        onStage: (stage) => tell({ stage }),
        onPercent: (percent) => tell({ percent }),
      });
      tell({ stage: "done", percent: 100, mediaKey: media_key });
      // The server may still find that the file is no photo; a new cut makes this one irrelevant.
      const stop = onUploadFailed(media_id, (reason) => {
        if (this.item(id)?.mediaKey !== media_key) return;
        this.patch(id, { stage: "failed", problem: { text: reason, requestId: null } });
      });
      this.listening.push(stop);
    } catch (error) {
      tell({ stage: "failed", problem: problemOf(error) });
    } finally {
      if (this.flights.get(id) === flight) this.flights.delete(id);
    }
  }

  private show(id: string, preview: string): void {
    const before = this.item(id)?.preview;
    this.patch(id, { preview });
    if (before) URL.revokeObjectURL(before);
  }
}

function newItem(file: File, type: string): Item {
  return {
    id: randomKey(),
    file,
    type,
    decoded: null,
    preview: null,
    crop: WHOLE,
    alt: "",
    tags: [],
    stage: "reading",
    percent: 0,
    problem: null,
    mediaKey: null,
  };
}

/** Width over height of what will be shown of an item. */
export function shownRatio(item: Item): number {
  return item.decoded ? ratioOf(item.crop, item.decoded.natural) : 1;
}
