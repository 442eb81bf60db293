import { m } from "@/app/messages";
import type { Page } from "@/app/types";
import { ApiError, NetworkError } from "./errors";
import { randomKey } from "./key";

export const API = "/api/v1";
const TIMEOUT_MS = 20_000;

export interface Options {
  body?: unknown;
  query?: Record<string, string | number | null | undefined>;
  /** One act of the person, one key: a repeat of the act after a broken answer carries it again. */
  key?: string;
  token?: string | null;
  signal?: AbortSignal;
}

interface Envelope {
  success: boolean;
  data?: unknown;
  pagination?: Page;
  error?: {
    code: string;
    message: string;
    details?: Record<string, unknown>;
    request_id?: string;
  };
}

export interface Answer<T> {
  data: T;
  page: Page;
}

const NO_PAGE: Page = { next_cursor: null, has_more: false };

function address(path: string, query: Options["query"]): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== null && value !== undefined && value !== "") search.set(name, String(value));
  }
  const text = search.toString();
  return `${API}${path}${text ? `?${text}` : ""}`;
}

async function envelopeOf(response: Response): Promise<Envelope | null> {
  try {
    return (await response.json()) as Envelope;
  } catch {
    return null;
  }
}

/** One request, one answer; nothing is retried here. */
export async function send<T>(
  method: string,
  path: string,
  options: Options = {},
): Promise<Answer<T>> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (options.token) headers.Authorization = `Bearer ${options.token}`;
  if (method === "POST") headers["Idempotency-Key"] = options.key ?? randomKey();
  let body: string | undefined;
  if (options.body !== undefined || method === "POST") {
    headers["Content-Type"] = "application/json";
    body = JSON.stringify(options.body ?? {});
  }
  const limit = AbortSignal.timeout(TIMEOUT_MS);
  const signal = options.signal ? AbortSignal.any([options.signal, limit]) : limit;
  let response: Response;
  try {
    response = await fetch(address(path, options.query), {
      method,
      headers,
      body,
      signal,
      credentials: "same-origin",
    });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new NetworkError();
  }
  if (response.status === 204) return { data: undefined as T, page: NO_PAGE };
  const envelope = await envelopeOf(response);
  if (response.ok && envelope?.success) {
    const data = envelope.data as T & { pagination?: Page };
    return { data, page: envelope.pagination ?? data?.pagination ?? NO_PAGE };
  }
  // The answer broke off: whatever was decided will be said again to the same key.
  if (response.ok && !envelope) throw new NetworkError();
  // Nothing was decided: the act may be repeated with its key.
  if (response.status >= 502 && response.status <= 504) throw new NetworkError(m.errors.busy);
  const retryAfter = Number(response.headers.get("Retry-After"));
  throw new ApiError(
    response.status,
    envelope?.error?.code ?? "unknown",
    envelope?.error?.message ?? response.statusText,
    envelope?.error?.details,
    envelope?.error?.request_id ?? response.headers.get("X-Request-Id"),
    Number.isFinite(retryAfter) && retryAfter > 0 ? retryAfter : null,
  );
}
