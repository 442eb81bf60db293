/** What each close code asks the client to do next: the table of the protocol, as data. */
export type Next = { do: "backoff" } | { do: "at-once" } | { do: "new-token" } | { do: "stop" };

/** No close came: the network, or whoever was in between. */
export const LOST = 1006;
export const NO_CODE = 1005;
export const FRAME_TOO_LARGE = 1009;
export const BAD_TOKEN = 4001;

const TABLE: Record<number, Next> = {
  1001: { do: "backoff" },
  [FRAME_TOO_LARGE]: { do: "backoff" },
  4000: { do: "stop" },
  [BAD_TOKEN]: { do: "new-token" },
  4002: { do: "backoff" },
  4003: { do: "stop" },
  4008: { do: "at-once" },
  4009: { do: "stop" },
  4013: { do: "backoff" },
};

export function afterClose(code: number): Next {
  return TABLE[code] ?? { do: "backoff" };
}
