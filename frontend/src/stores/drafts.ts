/** The hands on a post that is on its way. Its files live with whoever sends them, not in state. */
interface Hands {
  retry: () => void;
  discard: () => void;
}

const hands = new Map<string, Hands>();

export function holdDraft(id: string, by: Hands): void {
  hands.set(id, by);
}

export function releaseDraft(id: string): void {
  hands.delete(id);
}

export function retryDraft(id: string): void {
  hands.get(id)?.retry();
}

export function discardDraft(id: string): void {
  hands.get(id)?.discard();
}

/** Leaving the page now would lose something. */
export function draftsOnTheirWay(): boolean {
  return hands.size > 0;
}
