import { m } from "@/app/messages";
import { ApiError, NetworkError } from "./errors";

/** `paused`: the connection broke; it goes on by itself. */
export type UploadStage = "asking" | "sending" | "paused" | "confirming";

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

/** Long, because a slow line may take the last megabytes into its buffers and say nothing more. */
const STALLED_MS = 120_000;

/**
 * Sends bytes straight to storage. XHR, because fetch tells nothing about what has been sent.
 * The headers are part of the signature, so exactly those go along. Throws NetworkError when it
 * broke off and may be repeated, ApiError (`upload_refused`) when the storage said no.
 */
export function sendBytes(
  url: string,
  headers: Record<string, string>,
  body: Blob,
  signal: AbortSignal,
  onSent: (bytes: number) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const broken = () => reject(new NetworkError(m.composer.uploadFailed));
    const abort = () => request.abort();
    const stall = () => {
      broken();
      abort();
    };
    let timer = setTimeout(stall, STALLED_MS);
    request.open("PUT", url);
    for (const [name, value] of Object.entries(headers)) {
      // The browser sets the length itself and refuses to have it set.
      if (name.toLowerCase() !== "content-length" && name.toLowerCase() !== "host") {
        request.setRequestHeader(name, value);
      }
    }
    request.upload.onprogress = (event) => {
      clearTimeout(timer);
      timer = setTimeout(stall, STALLED_MS);
      onSent(event.loaded);
    };
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) resolve();
      else if (request.status >= 500) broken();
      else {
        const text = m.composer.uploadRefused(request.status);
        reject(new ApiError(request.status, "upload_refused", text));
      }
    };
    request.onerror = broken;
    request.onabort = () => reject(new DOMException("aborted", "AbortError"));
    request.onloadend = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", abort);
    };
    signal.addEventListener("abort", abort);
    if (signal.aborted) abort();
    request.send(body);
  });
}
