import { randomKey } from "@/api/key";
import { m } from "@/app/messages";
import type { PersonTag } from "@/app/types";
import { type Crop, ratioOf, type Size, settled, WHOLE } from "@/parts/picture/crop";
import { judged, type Picked } from "@/parts/picture/picked";
import { cut, type Decoded, decode } from "@/parts/picture/picture";
import { type Prepare, Sender, type Sending, UNSENT } from "@/parts/picture/sender";
import { frameRatio } from "@/parts/post/shape";

export const ITEMS_MAX = 10;

export interface Item extends Sending {
  id: string;
  file: File;
  type: string;
  kind: Picked["kind"];
  decoded: Decoded | null;
  /** A local picture of what is sent; null when the browser can't show it. */
  preview: string | null;
  /** The local video itself, to be played. */
  film: string | null;
  /** Of a video, as far as the browser can tell. */
  size: Size | null;
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
    const found = await Promise.all(files.map((file) => judged(file)));
    const refused = found.filter((one) => typeof one === "string");
    const taken = found.filter((one) => typeof one !== "string").map(newItem);
    const room = ITEMS_MAX - this.state.items.length;
    if (taken.length > room) refused.push(m.composer.tooMany);
    for (const item of taken.slice(room)) release(item);
    const kept = taken.slice(0, room);
    this.set({ items: [...this.state.items, ...kept], refused });
    await Promise.all(
      kept.map(async (item) => {
        if (item.kind === "photo") {
          const decoded = await decode(item.file, item.type);
          const shows = decoded || item.type === "image/gif";
          this.patch(item.id, {
            decoded,
            preview: shows ? URL.createObjectURL(item.file) : null,
          });
        }
        this.sender.start(item.id, this.sent(item.id));
      }),
    );
  }

  remove(id: string): void {
    this.sender.halt(id);
    const gone = this.item(id);
    this.set({ items: this.state.items.filter((item) => item.id !== id) });
    if (gone) release(gone);
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
      release(item);
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

function newItem({ file, type, kind, size, still }: Picked): Item {
  return {
    id: randomKey(),
    file,
    type,
    kind,
    decoded: null,
    preview: still && URL.createObjectURL(still),
    // Without a size there is no picture that this browser could show.
    film: size && URL.createObjectURL(file),
    size,
    crop: WHOLE,
    alt: "",
    tags: [],
    ...UNSENT,
  };
}

function release(item: Item): void {
  for (const url of [item.preview, item.film]) if (url) URL.revokeObjectURL(url);
}

/** Width over height of what will be shown of an item. */
export function shownRatio(item: Item): number {
  if (item.decoded) return ratioOf(item.crop, item.decoded.natural);
  return item.size ? frameRatio(undefined, { url: null, ...item.size }) : 1;
}
