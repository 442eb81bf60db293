import { randomKey } from "@/api/key";
import { m } from "@/app/messages";
import type { PersonTag } from "@/app/types";
import { type Crop, ratioOf, settled, WHOLE } from "@/parts/picture/crop";
import { cut, type Decoded, decode, typeOf } from "@/parts/picture/picture";
import { type Prepare, Sender, type Sending, UNSENT } from "@/parts/picture/sender";

export const ITEMS_MAX = 10;
const BYTES_MAX = 20 * 1024 * 1024;

export interface Item extends Sending {
  id: string;
  file: File;
  type: string;
  decoded: Decoded | null;
  /** A local picture of what is sent; null when the browser can't show it. */
  preview: string | null;
  crop: Crop;
  alt: string;
  tags: PersonTag[];
}

export interface DeskState {
  items: Item[];
  caption: string;
  place: string;
  audience: string;
  /** Files that were not taken, each with its reason. */
  refused: string[];
}

/**
 * What lies on the desk while a post is made. Each photo's upload begins when it is picked, and
 * anew when it is cut differently; the post itself can be shared long before they are done.
 */
export class Desk {
  private state: DeskState = { items: [], caption: "", place: "", audience: "public", refused: [] };
  private readonly watchers = new Set<() => void>();
  private readonly sender = new Sender((id, change) => this.patch(id, change));

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

  write(change: { caption?: string; place?: string; audience?: string }): void {
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
        this.sender.start(item.id, this.sent(item.id));
      }),
    );
  }

  remove(id: string): void {
    this.sender.halt(id);
    this.set({ items: this.state.items.filter((item) => item.id !== id) });
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
    this.patch(id, { crop });
    this.sender.startSoon(id, this.sent(id));
  }

  retry(id: string): void {
    this.sender.start(id, this.sent(id));
  }

  /** Share was pressed: nothing waits for a finger to rest any more. */
  hurry(): void {
    this.sender.hurry();
  }

  retryAll(): void {
    for (const item of this.state.items) if (item.stage === "failed") this.retry(item.id);
  }

  clear(): void {
    for (const item of this.state.items) {
      this.sender.halt(item.id);
      if (item.preview) URL.revokeObjectURL(item.preview);
    }
    this.sender.deafen();
    this.set({ items: [], caption: "", place: "", audience: "public", refused: [] });
  }

  /** The post has been made: what comes of its photos is the post's business now. */
  deafen(): void {
    this.sender.deafen();
  }

  /** The bytes as they are cut when their turn comes. */
  private sent(id: string): Prepare {
    return async (signal) => {
      const item = this.item(id);
      if (!item) throw new DOMException("removed", "AbortError");
      const sent = await cut(item.file, item.type, item.decoded?.natural ?? null, item.crop);
      signal.throwIfAborted();
      if (sent.blob !== item.file) this.show(id, URL.createObjectURL(sent.blob));
      return sent;
    };
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
    ...UNSENT,
  };
}

/** Width over height of what will be shown of an item. */
export function shownRatio(item: Item): number {
  return item.decoded ? ratioOf(item.crop, item.decoded.natural) : 1;
}
