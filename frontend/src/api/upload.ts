import { sendBytes, type Uploaded, type UploadHooks } from "./bytes";
import { inParts } from "./inParts";
import { media } from "./operations";

/** What is larger goes in parts. */
const WHOLE_BYTES_MAX = 16 * 1024 * 1024;

/**
 * Brings a file to the storage. Resolves once the server knows of it. Of a large one a break of
 * the connection costs a part; the next attempt with the same file goes on where this one ended.
 */
export function upload(file: Blob, type: string, hooks: UploadHooks): Promise<Uploaded> {
  return file.size > WHOLE_BYTES_MAX ? inParts(file, type, hooks) : whole(file, type, hooks);
}

/** Asks for a place, sends the bytes there, confirms. */
async function whole(file: Blob, type: string, hooks: UploadHooks): Promise<Uploaded> {
  const { signal } = hooks;
  hooks.onStage("asking");
  const ticket = await media.uploadUrl(type, file.size);
  signal.throwIfAborted();
  hooks.onStage("sending");
  await sendBytes(ticket.upload_url, ticket.headers, file, signal, (bytes) =>
    hooks.onPercent((bytes / file.size) * 100),
  );
  hooks.onStage("confirming");
  await media.complete(ticket.media_id);
  return { media_key: ticket.media_key, media_id: ticket.media_id };
}
