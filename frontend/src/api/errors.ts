import { m } from "@/app/messages";

/** The server answered and said no. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly details: Record<string, unknown> = {},
    readonly requestId: string | null = null,
    readonly retryAfterS: number | null = null,
  ) {
    super(message);
    this.name = "ApiError";
  }

  /** What is wrong with each field, by its name, or nothing. */
  get fields(): Record<string, string> {
    const fields = this.details.fields;
    if (typeof fields !== "object" || fields === null) return {};
    return Object.fromEntries(Object.entries(fields).map(([name, text]) => [name, String(text)]));
  }
}

/** The server was not reached, so it is unknown whether it acted; the same key may be sent again. */
export class NetworkError extends Error {
  constructor(message: string = m.errors.offline) {
    super(message);
    this.name = "NetworkError";
  }
}

export interface Problem {
  text: string;
  requestId: string | null;
}

/** What to tell a person about anything that was thrown. */
export function problemOf(error: unknown): Problem {
  if (error instanceof ApiError) {
    if (error.status === 429) {
      return { text: m.errors.rate(error.retryAfterS ?? 30), requestId: error.requestId };
    }
    if (error.status >= 500) return { text: m.errors.unexpected, requestId: error.requestId };
    const first = Object.values(error.fields)[0];
    return { text: first ?? error.message, requestId: error.requestId };
  }
  if (error instanceof NetworkError) return { text: error.message, requestId: null };
  return { text: m.errors.unexpected, requestId: null };
}
