import { m } from "@/app/messages";
import { ApiError, NetworkError } from "./errors";
import { media } from "./operations";

export type UploadStage = "asking" | "sending" | "confirming";

export interface Uploaded {
  media_key: string;
  media_id: string;
}

export interface UploadHooks {
  signal: AbortSignal;
  onStage: (stage: UploadStage) => void;
  /** 0–100 of the bytes that left. */
  onPercent: (percent: number) => void;
}

/**
 * Sends the bytes straight to storage. XHR, because fetch tells nothing about what has been sent.
 * The headers are part of the signature, so exactly those go along.
 */
function sendBytes(
  url: string,
  headers: Record<string, string>,
  body: Blob,
  hooks: UploadHooks,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const abort = () => request.abort();
    request.open("PUT", url);
    for (const [name, value] of Object.entries(headers)) {
      // The browser sets the length itself and refuses to have it set.
      if (name.toLowerCase() !== "content-length" && name.toLowerCase() !== "host") {
        request.setRequestHeader(name, value);
      }
    }
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) hooks.onPercent((event.loaded / event.total) * 100);
    };
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) resolve();
      else if (request.status >= 500) reject(new NetworkError(m.composer.uploadFailed));
      else {
        const text = m.composer.uploadRefused(request.status);
        reject(new ApiError(request.status, "upload_refused", text));
      }
    };
    request.onerror = () => reject(new NetworkError(m.composer.uploadFailed));
    request.onabort = () => reject(new DOMException("aborted", "AbortError"));
    request.onloadend = () => hooks.signal.removeEventListener("abort", abort);
    hooks.signal.addEventListener("abort", abort);
    request.send(body);
  });
}

/** Asks for a place, sends the bytes there, confirms. Resolves once the server knows of the file. */
export async function upload(file: Blob, type: string, hooks: UploadHooks): Promise<Uploaded> {
  hooks.onStage("asking");
  const ticket = await media.uploadUrl(type, file.size);
  hooks.signal.throwIfAborted();
  hooks.onStage("sending");
  await sendBytes(ticket.upload_url, ticket.headers, file, hooks);
  hooks.onStage("confirming");
  await media.complete(ticket.media_id);
  return { media_key: ticket.media_key, media_id: ticket.media_id };
}
