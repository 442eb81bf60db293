import type { Uploaded } from "@/api/bytes";
import { problemOf } from "@/api/errors";
import { randomKey } from "@/api/key";
import * as api from "@/api/operations";
import { upload } from "@/api/upload";
import type { Message, Quote } from "@/app/types";
import { holdDraft, releaseDraft } from "@/stores/drafts";
import type { Preview } from "@/stores/state";
import { dispatch, getState } from "@/stores/store";
import type { Outgoing, TalkAct } from "@/stores/talk/state";
import { deliver } from "./outbox";
import { keep, kept } from "./outgoingStore";

const act = (what: TalkAct) => dispatch({ do: "talk", act: what });
const patch = (key: string, change: Partial<Outgoing>) =>
  act({ is: "out.patch", key, patch: change });

/** Photos and videos that are on their way: their bytes live here, not in the state. */
const files = new Map<string, { file: File; type: string; sent: Uploaded | null }>();
const flights = new Map<string, AbortController>();

/**
 * What is said in one conversation goes out one after the other, so that it arrives in order. A
 * turn ends when the server answered, or when the outbox took the message: that keeps order too.
 * Photos take turns of their own, since a slow upload should not hold back words.
 */
const turns = new Map<string, Promise<void>>();

function inTurn(name: string, run: (over: () => void) => Promise<void>): void {
  const before = turns.get(name) ?? Promise.resolve();
  const mine = before.then(() => new Promise<void>((over) => void run(over).finally(over)));
  turns.set(name, mine);
  void mine.then(() => turns.get(name) === mine && turns.delete(name));
}

function remember(): void {
  const { session, talk } = getState();
  // A photo's bytes can't be kept over a reload; leaving the page is asked about instead.
  if (session.is === "in")
    keep(
      session.me.user_id,
      talk.outgoing.filter((one) => !one.photo),
    );
}

async function bytesOf(one: Outgoing): Promise<string | undefined> {
  const held = files.get(one.key);
  if (!held) return undefined;
  if (!held.sent) {
    const flight = new AbortController();
    flights.set(one.key, flight);
    held.sent = await upload(held.file, held.type, {
      signal: flight.signal,
      onStage: (stage) => patch(one.key, { state: stage === "paused" ? "waiting" : "sending" }),
      onPercent: (percent) => patch(one.key, { percent }),
    });
  }
  return held.sent.media_key;
}

async function say(one: Outgoing): Promise<Message> {
  const media_key = await bytesOf(one);
  const said = {
    text: one.text,
    ref: one.key,
    ...(media_key && { media_key }),
    ...(one.post?.post_id && { post_id: one.post.post_id }),
    ...(one.replyTo && { reply_to: one.replyTo.message_id }),
  };
  return api.messages.create(one.conversationId, said, one.key);
}

function known(key: string): boolean {
  return getState().talk.outgoing.some((one) => one.key === key);
}

async function attempt(one: Outgoing, over: () => void): Promise<void> {
  // Discarded while it stood in line.
  if (!known(one.key)) return;
  try {
    const message = await deliver(() => say(one), {
      onWait: () => {
        patch(one.key, { state: "waiting" });
        over();
      },
      at: Date.parse(one.createdAt),
    });
    act({ is: "message", message });
    // One's own message puts a request into the inbox.
    if (getState().talk.conversations[one.conversationId]?.folder !== "inbox") {
      act({ is: "folder", id: one.conversationId, folder: "inbox" });
    }
    done(one.key);
  } catch (error) {
    // Logged out meanwhile: then the message is nobody's.
    if (known(one.key)) patch(one.key, { state: "failed", problem: problemOf(error) });
  } finally {
    remember();
  }
}

function done(key: string): void {
  files.delete(key);
  flights.delete(key);
  releaseDraft(key);
  act({ is: "out.gone", key });
}

function start(one: Outgoing): void {
  inTurn(`${one.conversationId}${one.photo ? ":photos" : ""}`, (over) => attempt(one, over));
}

interface What {
  text?: string;
  replyTo?: Quote | null;
  photo?: { file: File; type: string; preview: Preview };
}

/** Shows it at once and sees it through. */
export function sendMessage(conversationId: string, what: What): void {
  const one: Outgoing = {
    key: randomKey(),
    conversationId,
    text: what.text ?? "",
    post: null,
    photo: what.photo?.preview ?? null,
    replyTo: what.replyTo ?? null,
    createdAt: new Date().toISOString(),
    state: "sending",
    percent: 0,
    problem: null,
  };
  if (what.photo) {
    files.set(one.key, { file: what.photo.file, type: what.photo.type, sent: null });
    holdDraft(one.key, { retry: () => resend(one.key), discard: () => discardOutgoing(one.key) });
  }
  act({ is: "out", outgoing: one });
  remember();
  start(one);
}

export function resend(key: string): void {
  const one = getState().talk.outgoing.find((other) => other.key === key);
  if (!one) return;
  patch(key, { state: "sending", problem: null, percent: 0 });
  start({ ...one, state: "sending", problem: null });
}

export function discardOutgoing(key: string): void {
  flights.get(key)?.abort();
  done(key);
  remember();
}

/** What was said before a reload and had not gone out: with its key, so that it arrives once. */
export function restoreOutgoing(userId: string): void {
  for (const one of kept(userId)) {
    if (known(one.key)) continue;
    const again: Outgoing = { ...one, state: "sending", problem: null };
    act({ is: "out", outgoing: again });
    start(again);
  }
}
