/** The order of the stories in a highlight: pure. */
interface Named {
  story_id: string;
}

/** Chosen last, played last; a second touch takes it out. */
export function toggled<T extends Named>(picked: T[], story: T): T[] {
  const rest = picked.filter((one) => one.story_id !== story.story_id);
  return rest.length < picked.length ? rest : [...picked, story];
}

/** One place earlier or later; what stands at the end stays there. */
export function shifted<T>(all: T[], place: number, by: 1 | -1): T[] {
  const to = place + by;
  const moving = all[place];
  if (moving === undefined || to < 0 || to >= all.length) return all;
  const rest = all.filter((_one, at) => at !== place);
  return [...rest.slice(0, to), moving, ...rest.slice(to)];
}
