import { randomKey } from "@/api/key";
import { m } from "@/app/messages";
import type { NewStory, Story } from "@/app/types";
import { type Crop, settled, WHOLE } from "@/parts/picture/crop";
import { judged, type Picked } from "@/parts/picture/picked";
import { cut, type Decoded, decode } from "@/parts/picture/picture";
import { type Prepare, Sender, type Sending, UNSENT } from "@/parts/picture/sender";
import { hashOf } from "@/ui/thumbhash";
import { type Layer, type Terms, VIDEO_S_MAX } from "./scene";

export const ITEMS_MAX = 10;
const PAST_MAX = 50;

/** What undo brings back. */
interface Look {
  layers: Layer[];
  filter: NonNullable<NewStory["filter"]>;
  /** The part of a photo that fills the frame; null shows it whole, as it is. */
  crop: Crop | null;
}

export interface Item extends Sending, Look {
  id: string;
  /** Null in a story that is shown again: its picture is on the server already. */
  picked: Picked | null;
  decoded: Decoded | null;
  /** A local picture or video; null when the browser can't show it. */
  preview: string | null;
  /** One picture of a video. */
  still: string | null;
  thumbhash: string | null;
  alt: string;
  past: Look[];
}

export interface DeskState extends Terms {
  items: Item[];
  /** Files that were not taken, each with its reason. */
  refused: string[];
}

const FILLED: Crop = { ...WHOLE, ratio: "story" };

/**
 * What lies on the desk while a story is made: up to ten pictures, each with what is laid over it.
 * Bytes leave when a file is picked, and anew when it is cut differently.
 */
export class StoryDesk {
  private state: DeskState = {
    items: [],
    refused: [],
    audience: "followers",
    allowReplies: true,
    allowRepost: true,
  };
  private readonly watchers = new Set<() => void>();
  private readonly sender = new Sender((id, change) => this.patch(id, change));

  get = (): DeskState => this.state;

  watch = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  };

  write(change: Partial<DeskState>): void {
    this.state = { ...this.state, ...change };
    for (const watcher of this.watchers) watcher();
  }

  item(id: string): Item | undefined {
    return this.state.items.find((item) => item.id === id);
  }

  patch(id: string, change: Partial<Item>): void {
    const items = this.state.items.map((item) => (item.id === id ? { ...item, ...change } : item));
    this.write({ items });
  }

  /** Takes what can be told; resolves with the first that was taken. */
  async add(files: File[]): Promise<string | undefined> {
    const found = await Promise.all(files.map((file) => judged(file, VIDEO_S_MAX)));
    const refused = found.filter((one) => typeof one === "string");
    const room = ITEMS_MAX - this.state.items.length;
    const good = found.filter((one) => typeof one !== "string");
    if (good.length > room) refused.push(m.telling.tooMany);
    const taken = good.slice(0, room).map(newItem);
    this.write({ items: [...this.state.items, ...taken], refused });
    await Promise.all(taken.map((item) => this.begin(item)));
    return taken[0]?.id;
  }

  /** A story that is shown again: nothing has to be sent, things are laid over it. */
  addStory(story: Story): void {
    const item = { ...newItem(null), stage: "done" as const, filter: filterOf(story) };
    this.write({ items: [item] });
  }

  private async begin(item: Item): Promise<void> {
    const { picked } = item;
    if (!picked) return;
    const decoded = picked.kind === "photo" ? await decode(picked.file, picked.type) : null;
    const shows = decoded || picked.kind === "video" || picked.type === "image/gif";
    this.patch(item.id, {
      decoded,
      preview: shows ? URL.createObjectURL(picked.file) : null,
      thumbhash: decoded ? hashOf(decoded.look) : null,
    });
    if (this.item(item.id)) this.sender.start(item.id, this.sent(item.id));
  }

  remove(id: string): void {
    this.sender.halt(id);
    const gone = this.item(id);
    if (gone) release(gone);
    this.write({ items: this.state.items.filter((item) => item.id !== id) });
  }

  /** Before a change, or before the many of one gesture: undo comes back to here. */
  remember(id: string): void {
    const item = this.item(id);
    if (!item) return;
    const { layers, filter, crop } = item;
    this.patch(id, { past: [...item.past, { layers, filter, crop }].slice(-PAST_MAX) });
  }

  change(id: string, look: Partial<Look>): void {
    this.remember(id);
    this.patch(id, look);
    if ("crop" in look) this.resend(id);
  }

  undo(id: string): void {
    const item = this.item(id);
    const last = item?.past.at(-1);
    if (!item || !last) return;
    const recut = last.crop !== item.crop;
    this.patch(id, { ...last, past: item.past.slice(0, -1) });
    if (recut) this.resend(id);
  }

  lay(id: string, layer: Layer): void {
    const item = this.item(id);
    if (item) this.change(id, { layers: [...item.layers, layer] });
  }

  /** Without remembering: one gesture is one step back. */
  put(id: string, layer: Layer): void {
    const layers = this.item(id)?.layers.map((one) => (one.id === layer.id ? layer : one));
    if (layers) this.patch(id, { layers });
  }

  drop(id: string, layerId: string): void {
    const item = this.item(id);
    if (item) this.patch(id, { layers: item.layers.filter((layer) => layer.id !== layerId) });
  }

  setFill(id: string, on: boolean): void {
    this.change(id, { crop: on ? FILLED : null });
  }

  /** The filled frame moves over the photo, or nears it. */
  recut(id: string, change: Partial<Crop>): void {
    const item = this.item(id);
    if (!item?.decoded || !item.crop) return;
    this.patch(id, { crop: settled({ ...item.crop, ...change }, item.decoded.natural) });
    this.resend(id);
  }

  private resend(id: string): void {
    this.sender.startSoon(id, this.sent(id));
  }

  retry(id: string): void {
    this.sender.start(id, this.sent(id));
  }

  retryAll(): void {
    for (const item of this.state.items) if (item.stage === "failed") this.retry(item.id);
  }

  hurry(): void {
    this.sender.hurry();
  }

  /** A part has been told: what comes of its bytes is the story's business now. */
  let(id: string): void {
    this.sender.halt(id);
  }

  clear(): void {
    for (const item of this.state.items) {
      this.sender.halt(item.id);
      release(item);
    }
    this.write({ items: [], refused: [] });
  }

  private sent(id: string): Prepare {
    return async () => {
      const item = this.item(id);
      if (!item?.picked) throw new DOMException("removed", "AbortError");
      const { file, type } = item.picked;
      if (!item.crop || !item.decoded) return { blob: file, type };
      return cut(file, type, item.decoded.natural, item.crop);
    };
  }
}

function filterOf(story: Story): Look["filter"] {
  return story.filter as Look["filter"];
}

function newItem(picked: Picked | null): Item {
  return {
    id: randomKey(),
    picked,
    decoded: null,
    preview: null,
    still: picked?.still ? URL.createObjectURL(picked.still) : null,
    thumbhash: null,
    layers: [],
    filter: "none",
    crop: null,
    alt: "",
    past: [],
    ...UNSENT,
  };
}

function release(item: Item): void {
  for (const url of [item.preview, item.still]) if (url) URL.revokeObjectURL(url);
}
