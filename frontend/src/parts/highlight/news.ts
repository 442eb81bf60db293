/** One's own highlights changed: whoever shows them asks anew. */
const listeners = new Set<() => void>();

export function onHighlights(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function highlightsChanged(): void {
  for (const listener of listeners) listener();
}
