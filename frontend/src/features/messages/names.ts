import { m } from "@/app/messages";
import type { Conversation, Member, Message } from "@/app/types";

export const nameOf = (user: { full_name: string; username: string }) =>
  user.full_name || user.username;

/** What one is called among friends. */
export const firstName = (user: { full_name: string; username: string }) =>
  user.full_name.trim().split(/\s+/)[0] || user.username;

export function othersOf(conversation: Conversation, myId: string): Member[] {
  return conversation.members.filter((member) => member.user_id !== myId);
}

/** Whose activity a conversation shows: that of the one person one talks with. */
export function partnerOf(conversation: Conversation, myId: string): string | null {
  if (conversation.kind !== "direct" || conversation.folder !== "inbox") return null;
  return othersOf(conversation, myId)[0]?.user_id ?? null;
}

export function titleOf(conversation: Conversation, myId: string): string {
  const others = othersOf(conversation, myId);
  if (conversation.kind === "direct") return others[0] ? nameOf(others[0]) : m.talk.someone;
  if (conversation.name) return conversation.name;
  return others.map(firstName).join(", ") || m.talk.group.title;
}

/** The last message in a line: "You: see you there", "Ana sent a photo". */
export function previewOf(conversation: Conversation, myId: string): string {
  const last = conversation.last_message;
  if (!last) return m.talk.preview.none;
  const own = last.user_id === myId;
  const author = conversation.members.find((member) => member.user_id === last.user_id);
  const who = own ? m.talk.you : author ? firstName(author) : m.talk.someone;
  if (!last.text && last.kind === "photo") {
    const what = last.is_video ? m.talk.preview.video : m.talk.preview.photo;
    return m.talk.preview.sent(who, what);
  }
  if (!last.text && last.kind === "post") return m.talk.preview.sent(who, m.talk.preview.post);
  if (!last.text && last.kind === "story") return m.talk.preview.sent(who, m.talk.preview.story);
  const named = own || conversation.kind === "group";
  return named ? m.talk.preview.said(who, last.text) : last.text;
}

/** How far one's own message got, in words. */
export function receiptOf(conversation: Conversation, myId: string, message: Message): string {
  const { message_id: id } = message;
  const others = othersOf(conversation, myId);
  const seen = others.filter((member) => (member.read_up_to ?? "") >= id);
  if (seen.length > 0) {
    if (conversation.kind === "direct") return m.talk.status.seen;
    if (seen.length === others.length) return m.talk.status.seenAll;
    return m.talk.status.seenBy(seen.map(firstName).join(", "));
  }
  const there = others.some((member) => (member.delivered_up_to ?? "") >= id);
  return there ? m.talk.status.delivered : m.talk.status.sent;
}
