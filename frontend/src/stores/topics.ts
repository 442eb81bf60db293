/**
 * The topics that are wanted. The socket belongs to the app and is born after the first screen, so
 * it fetches what is wanted from here.
 */
type Subscribe = (topic: string) => () => void;

const wanted = new Map<symbol, { topic: string; stop: (() => void) | null }>();
let forward: Subscribe | null = null;

export function subscribe(topic: string): () => void {
  const key = Symbol(topic);
  wanted.set(key, { topic, stop: forward?.(topic) ?? null });
  return () => {
    wanted.get(key)?.stop?.();
    wanted.delete(key);
  };
}

export function isWanted(topic: string): boolean {
  for (const want of wanted.values()) if (want.topic === topic) return true;
  return false;
}

export function forwardTopics(to: Subscribe | null): void {
  forward = to;
  for (const want of wanted.values()) want.stop = to?.(want.topic) ?? null;
}
