import { m } from "@/app/messages";
import type { Sending } from "./sender";

const words: Record<Sending["stage"], (sending: Sending) => string> = {
  reading: () => m.files.preparing,
  waiting: () => m.files.waiting,
  preparing: () => m.files.preparing,
  asking: () => m.files.preparing,
  sending: ({ percent }) => m.files.uploading(Math.floor(percent)),
  paused: ({ percent }) => m.files.paused(Math.floor(percent)),
  confirming: () => m.files.confirming,
  done: () => m.files.uploaded,
  failed: ({ problem }) => problem?.text ?? m.files.failed,
};

/** How far the bytes of a picked file are, in words. */
export function stateOf(sending: Sending): string {
  return words[sending.stage](sending);
}
