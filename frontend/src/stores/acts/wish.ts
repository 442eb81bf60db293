import { getState } from "@/stores/store";
import { drop, note, type What } from "./errands";

/**
 * A switch that a finger can flip faster than the network answers. Only the last wish counts:
 * while one request is out the others collapse, and nothing is sent when the wish came back to
 * what the server already has. With `what` it survives a reload.
 */
interface Flight {
  want: boolean;
  has: boolean;
  at: number;
}

interface Lasting {
  what: (want: boolean) => What;
  /** When it was wished, if that was before a reload. */
  at?: number;
}

const flights = new Map<string, Flight>();

export async function wish(
  name: string,
  want: boolean,
  act: (want: boolean, at: number) => Promise<unknown>,
  lasting?: Lasting,
): Promise<void> {
  const { session } = getState();
  const userId = session.is === "in" ? session.me.user_id : null;
  const before = flights.get(name);
  const at = before?.at ?? lasting?.at ?? Date.now();
  if (lasting && userId) note(userId, { name, key: "", at, what: lasting.what(want) });
  if (before) {
    before.want = want;
    return;
  }
  const mine: Flight = { want, has: !want, at };
  flights.set(name, mine);
  try {
    while (mine.want !== mine.has) {
      const aim = mine.want;
      await act(aim, at);
      mine.has = aim;
    }
  } finally {
    flights.delete(name);
    if (userId) drop(userId, name);
  }
}
