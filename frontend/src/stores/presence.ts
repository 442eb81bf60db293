import type { Presence } from "@/app/types";
import type { State } from "./state";

/** Null: it is not known any more, or not to be known. */
export function put(state: State, userId: string, is: Presence | null): State {
  const { [userId]: _before, ...others } = state.presence;
  return { ...state, presence: is ? { ...others, [userId]: is } : others };
}

/** Without a connection nobody tells when they go. */
export function unknown(state: State): State {
  return { ...state, presence: {} };
}
