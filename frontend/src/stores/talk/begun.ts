/** Words that were begun in a conversation wait there, by its id, until they are sent. */
export const begun = new Map<string, string>();

/** Puts words into a conversation that somebody is led to; what they wrote there stays. */
export function beginWords(conversationId: string, words: string): void {
  begun.set(conversationId, words + (begun.get(conversationId) ?? ""));
}
