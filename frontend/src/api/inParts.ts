/**
 * Uploads in parts. What arrived stays: after a break the server tells which parts it has, and
 * the others are sent, by itself while one waits, or at the next attempt with the same file.
 */
import { m } from "@/app/messages";
import type { UploadInParts, UploadPart } from "@/app/types";
import { Backoff } from "@/socket/backoff";
import { sendBytes, type Uploaded, type UploadHooks } from "./bytes";
import { ApiError, NetworkError } from "./errors";
import { randomKey } from "./key";
import { media } from "./operations";

const AT_ONCE_MAX = 2;
/** Links run out within minutes, so they are asked for a few at a time. */
const ROUND_MAX = 6;
/** Attempts in a row that brought no part over, while the browser says that it is online. */
const FRUITLESS_MAX = 6;
/** The browser tells when it is online again; should it not, it is tried all the same. */
const OFFLINE_MS = 30_000;

interface Begun {
  /** One key for all attempts to begin: the answer that was lost may have been a yes. */
  key: string;
  upload: UploadInParts | null;
  /** Numbers of the parts that the server has. */
  done: Set<number>;
}

const begun = new WeakMap<Blob, Begun>();

export async function inParts(file: Blob, type: string, hooks: UploadHooks): Promise<Uploaded> {
  const resumed = begun.has(file);
  try {
    return await goOn(file, type, hooks);
  } catch (error) {
    if (hooks.signal.aborted) void giveUp(file);
    if (!(error instanceof ApiError) || error.status !== 404) throw error;
    // The server let go of what was begun.
    begun.delete(file);
    if (!resumed) throw error;
    return goOn(file, type, hooks);
  }
}

async function goOn(file: Blob, type: string, hooks: UploadHooks): Promise<Uploaded> {
  const mine = begun.get(file) ?? { key: randomKey(), upload: null, done: new Set() };
  begun.set(file, mine);
  const backoff = new Backoff();
  let fruitless = 0;
  for (;;) {
    const before = mine.done.size;
    try {
      return await attempt(mine, file, type, hooks);
    } catch (error) {
      hooks.signal.throwIfAborted();
      if (!passes(error)) throw error;
      if (mine.done.size > before) {
        fruitless = 0;
        backoff.reset();
      } else if (navigator.onLine) fruitless += 1;
      if (fruitless >= FRUITLESS_MAX) throw new NetworkError(m.files.brokeOff);
      hooks.onStage("paused");
      await pause(backoff.nextMs(), hooks.signal);
    }
  }
}

/** A broken connection, a link that ran out, a part that is gone again. */
function passes(error: unknown): boolean {
  if (error instanceof NetworkError) return true;
  if (!(error instanceof ApiError)) return false;
  return (
    error.code === "parts_missing" || (error.code === "upload_refused" && error.status === 403)
  );
}

async function attempt(
  mine: Begun,
  file: Blob,
  type: string,
  hooks: UploadHooks,
): Promise<Uploaded> {
  if (!mine.upload) {
    hooks.onStage("asking");
    mine.upload = await media.inParts.begin(type, file.size, mine.key);
    mine.done = new Set(mine.upload.done);
  }
  const { media_id, media_key, parts_count } = mine.upload;
  hooks.signal.throwIfAborted();
  hooks.onStage("sending");
  while (mine.done.size < parts_count) await round(mine, mine.upload, file, hooks);
  hooks.onStage("confirming");
  try {
    await media.inParts.complete(media_id);
  } catch (error) {
    // It tells which.
    if (error instanceof ApiError && error.code === "parts_missing") mine.done = new Set();
    throw error;
  }
  begun.delete(file);
  return { media_key, media_id };
}

/** The next few parts that are missing; the answer with their links tells what has arrived. */
async function round(
  mine: Begun,
  upload: UploadInParts,
  file: Blob,
  hooks: UploadHooks,
): Promise<void> {
  const missing: number[] = [];
  for (let part = 1; part <= upload.parts_count && missing.length < ROUND_MAX; part += 1) {
    if (!mine.done.has(part)) missing.push(part);
  }
  const { parts, done } = await media.inParts.links(upload.media_id, missing);
  mine.done = new Set(done);
  const flying = new Map<number, number>();
  const tell = () => {
    const last = mine.done.has(upload.parts_count) ? upload.parts_count * upload.part_size : 0;
    const there = mine.done.size * upload.part_size - (last && last - file.size);
    const sent = [...flying.values()].reduce((sum, bytes) => sum + bytes, there);
    hooks.onPercent((sent / file.size) * 100);
  };
  const send = async ({ part_number: part, size, url }: UploadPart) => {
    const from = (part - 1) * upload.part_size;
    try {
      await sendBytes(url, {}, file.slice(from, from + size), hooks.signal, (bytes) => {
        flying.set(part, bytes);
        tell();
      });
      mine.done.add(part);
    } finally {
      flying.delete(part);
      tell();
    }
  };
  tell();
  await lanes(
    parts.filter((part) => !mine.done.has(part.part_number)),
    send,
  );
}

/** A few at once. After the first failure no other is begun; what flies may still arrive. */
async function lanes<T>(all: T[], run: (one: T) => Promise<void>): Promise<void> {
  const queue = [...all];
  const failures: unknown[] = [];
  const lane = async () => {
    for (let one = queue.shift(); one !== undefined; one = queue.shift()) {
      try {
        await run(one);
      } catch (error) {
        failures.push(error);
        queue.length = 0;
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE_MAX }, lane));
  if (failures.length > 0) throw failures[0];
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer);
      window.removeEventListener("online", end);
      signal.removeEventListener("abort", end);
      if (signal.aborted) reject(new DOMException("aborted", "AbortError"));
      else resolve();
    };
    const timer = setTimeout(end, navigator.onLine ? ms : OFFLINE_MS);
    window.addEventListener("online", end);
    signal.addEventListener("abort", end);
  });
}

/** Nobody wants it any more: its parts need not lie there until the sweep. */
async function giveUp(file: Blob): Promise<void> {
  const id = begun.get(file)?.upload?.media_id;
  begun.delete(file);
  if (id) await media.inParts.abort(id).catch(() => {});
}
