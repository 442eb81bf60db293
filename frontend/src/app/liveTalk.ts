import { navigate } from "wouter/use-browser-location";
import type { EventData } from "@/protocol.gen";
import { loadConversation } from "@/stores/acts/conversations";
import { say } from "@/stores/acts/tell";
import { listKey } from "@/stores/state";
import { getState } from "@/stores/store";
import { announce } from "@/ui/announce";
import { m } from "./messages";

function words({ user, text, media, post, story }: EventData["message.new"]["message"]): string {
  const name = user.full_name || user.username;
  if (media?.type === "video") return m.talk.arrivedVideo(name);
  if (media) return m.talk.arrivedPhoto(name);
  if (post && !text) return m.talk.arrivedPost(name);
  if (story && !text) return m.talk.arrivedStory(name);
  return m.talk.arrived(name, text);
}

function inSight(conversationId: string): boolean {
  return (
    location.pathname.startsWith("/messages") &&
    document.visibilityState === "visible" &&
    (location.pathname.endsWith(conversationId) || matchMedia("(min-width: 641px)").matches)
  );
}

function onNew({ conversation_id: id, folder, message }: EventData["message.new"]): void {
  // Nothing is known of it yet but this one message.
  if (!getState().talk.conversations[id]) void loadConversation(id);
  const { session } = getState();
  if (session.is !== "in" || session.me.user_id === message.user.user_id) return;
  if (folder !== "inbox") return;
  const text = words(message);
  announce(text);
  if (!inSight(id)) {
    say(text, { label: m.common.open, run: () => navigate(`/messages/${id}`) });
  }
}

/** What events of conversations ask for beyond the state. */
export const talkEffects: Record<string, (data: never) => void> = {
  "message.new": onNew,
  "message.deleted": ({ conversation_id: id }: { conversation_id: string }) => {
    const shown = getState().talk.conversations[id];
    // What stood before it may not have been read here.
    if (shown && !shown.last_message) void loadConversation(id);
  },
};

/** Lists of conversations and messages: events that were missed make them stale. */
export function isTalk(key: string): boolean {
  return key.startsWith("thread:") || key === listKey.inbox || key === listKey.messageRequests;
}
