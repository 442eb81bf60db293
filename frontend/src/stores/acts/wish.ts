/**
 * A switch that a finger can flip faster than the network answers. Only the last wish counts:
 * while one request is out the others collapse, and nothing is sent when the wish came back to
 * what the server already has.
 */
interface Flight {
  want: boolean;
  has: boolean;
}

const flights = new Map<string, Flight>();

export async function wish(
  name: string,
  want: boolean,
  act: (want: boolean) => Promise<unknown>,
): Promise<void> {
  const flight = flights.get(name);
  if (flight) {
    flight.want = want;
    return;
  }
  const mine: Flight = { want, has: !want };
  flights.set(name, mine);
  try {
    while (mine.want !== mine.has) {
      const aim = mine.want;
      await act(aim);
      mine.has = aim;
    }
  } finally {
    flights.delete(name);
  }
}
