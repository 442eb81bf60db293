/** What each close code asks the client to do next: the table of the protocol, as data. */
export type Next = { do: "backoff" } | { do: "at-once" } | { do: "new-token" } | { do: "stop" };

const TABLE: Record<number, Next> = {
  1001: { do: "backoff" },
  1009: { do: "backoff" },
  4000: { do: "stop" },
  4001: { do: "new-token" },
  4002: { do: "backoff" },
  4003: { do: "stop" },
  4008: { do: "at-once" },
  4009: { do: "stop" },
  4013: { do: "backoff" },
};

export function afterClose(code: number): Next {
  return TABLE[code] ?? { do: "backoff" };
}
