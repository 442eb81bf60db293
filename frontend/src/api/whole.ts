/** Lists that are short enough to be shown as a whole, whatever the server's pages. */
import type { Options } from "./http";
import { get } from "./session";

const AT_ONCE = 100;

/** All rows from `cursor` on; they stand under `rows` in each answer. */
export async function whole<T>(
  path: string,
  rows: string,
  query: Options["query"] = {},
  cursor: string | null = null,
): Promise<T[]> {
  const found: T[] = [];
  let from = cursor;
  do {
    const answer = await get<Record<string, T[]>>(path, { ...query, cursor: from, limit: AT_ONCE });
    found.push(...(answer.data[rows] ?? []));
    from = answer.page.next_cursor;
  } while (from !== null);
  return found;
}
