import { type List, NO_LIST, type State } from "./state";

export function listOf(state: State, key: string): List {
  return state.lists[key] ?? NO_LIST;
}

export function withList(state: State, key: string, change: Partial<List>): State {
  return { ...state, lists: { ...state.lists, [key]: { ...listOf(state, key), ...change } } };
}

/** Appends what is not there yet: a cursor page may repeat what an event already brought. */
export function appended(ids: string[], more: string[]): string[] {
  const known = new Set(ids);
  return [...ids, ...more.filter((id) => !known.has(id))];
}

export function prepended(ids: string[], first: string[]): string[] {
  const moved = new Set(first);
  return [...first, ...ids.filter((id) => !moved.has(id))];
}

/** Takes an id out of every list it stands in. */
export function removeEverywhere(
  lists: Record<string, List>,
  id: string,
  only: (key: string) => boolean = () => true,
): Record<string, List> {
  let after = lists;
  for (const [key, list] of Object.entries(lists)) {
    if (only(key) && list.ids.includes(id)) {
      if (after === lists) after = { ...lists };
      after[key] = { ...list, ids: list.ids.filter((other) => other !== id) };
    }
  }
  return after;
}
