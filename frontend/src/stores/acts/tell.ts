import { problemOf } from "@/api/errors";
import { randomKey } from "@/api/key";
import { dispatch } from "@/stores/store";

type Action = { label: string; run: () => void };

/** A quiet line at the bottom that leaves by itself. */
export function say(text: string, action?: Action): void {
  dispatch({
    do: "toast",
    toast: { id: randomKey(), text, kind: "info", requestId: null, action },
  });
}

/** Says what went wrong, with the request id behind "details". */
export function complain(error: unknown): void {
  if (error instanceof DOMException && error.name === "AbortError") return;
  const { text, requestId } = problemOf(error);
  dispatch({ do: "toast", toast: { id: randomKey(), text, kind: "error", requestId } });
}
