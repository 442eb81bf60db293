/** News of uploads that are not a post yet: whoever prepares one listens by the media's id. */
type Listener = (reason: string) => void;

const listeners = new Map<string, Listener>();

/** Calls back when the server could make nothing of the file, until the returned function runs. */
export function onUploadFailed(mediaId: string, listener: Listener): () => void {
  listeners.set(mediaId, listener);
  return () => listeners.delete(mediaId);
}

export function uploadFailed(mediaId: string, reason: string): void {
  listeners.get(mediaId)?.(reason);
}
