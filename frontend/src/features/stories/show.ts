/**
 * What the viewer shows and for how long: thinking without a clock or a screen. Each act says when
 * it happened; nothing here waits.
 */
export type Hold = "press" | "drag" | "typing" | "sheet" | "hidden" | "user" | "buffer";

export interface Show {
  /** Whose stories follow one another; fixed when the viewer opens. */
  people: string[];
  /** Who is on now. */
  at: number;
  /** Their stories' ids; null until they are known. */
  items: string[] | null;
  item: number;
  /** Null until its picture is there: no time passes before that. */
  durationMs: number | null;
  playedMs: number;
  /** Time passes since then; null while it stands still. */
  since: number | null;
  holds: Hold[];
  /** Which way one came to this person, so that somebody without stories is passed over that way. */
  way: 1 | -1;
  /** Nothing is left to show. */
  over: boolean;
}

export type ShowAct =
  | { is: "items"; username: string; ids: string[]; first: number }
  | { is: "ready"; id: string; durationMs: number; now: number }
  | { is: "hold"; why: Hold; now: number }
  | { is: "release"; why: Hold; now: number }
  | { is: "ended"; id: string }
  | { is: "forward" }
  | { is: "back" }
  | { is: "person"; by: 1 | -1 };

export function openShow(people: string[], username: string): Show {
  return {
    people,
    at: Math.max(0, people.indexOf(username)),
    items: null,
    item: 0,
    durationMs: null,
    playedMs: 0,
    since: null,
    holds: [],
    way: 1,
    over: false,
  };
}

export const personOf = (show: Show): string | undefined => show.people[show.at];
export const storyOf = (show: Show): string | undefined => show.items?.[show.item];

/** How long it has been on, never more than it may. */
export function playedMs(show: Show, now: number): number {
  const running = show.since === null ? 0 : Math.max(0, now - show.since);
  return Math.min(show.playedMs + running, show.durationMs ?? 0);
}

/** 0 to 1. */
export function progress(show: Show, now: number): number {
  return show.durationMs ? playedMs(show, now) / show.durationMs : 0;
}

/** How long it stays from now on; null while it stands still. */
export function leftMs(show: Show, now: number): number | null {
  if (show.since === null || show.durationMs === null) return null;
  return show.durationMs - playedMs(show, now);
}

const fresh = { durationMs: null, playedMs: 0, since: null };

function toItem(show: Show, item: number): Show {
  return { ...show, ...fresh, item };
}

function toPerson(show: Show, by: 1 | -1): Show {
  const at = show.at + by;
  if (at >= show.people.length) return { ...show, since: null, over: true };
  // Before the first person there is nobody: the story begins again.
  if (at < 0) return again(show);
  return { ...show, ...fresh, at, items: null, item: 0, way: by };
}

function again(show: Show): Show {
  return { ...toItem(show, show.item), items: show.items };
}

function step(show: Show, by: 1 | -1): Show {
  if (show.over) return show;
  const item = show.item + by;
  if (show.items && item >= 0 && item < show.items.length) return toItem(show, item);
  return toPerson(show, by);
}

/** Somebody has no stories (any more): they are left out, in the direction one went. */
function without(show: Show): Show {
  const people = show.people.filter((_, place) => place !== show.at);
  const at = show.way === 1 ? show.at : Math.max(0, show.at - 1);
  if (people.length === 0 || at >= people.length) return { ...show, people, at, over: true };
  return { ...show, ...fresh, people, at, items: null, item: 0 };
}

function withItems(show: Show, ids: string[], first: number): Show {
  const now = storyOf(show);
  if (show.items === null || now === undefined) {
    if (ids.length === 0) return without(show);
    return { ...toItem(show, Math.min(Math.max(first, 0), ids.length - 1)), items: ids };
  }
  // The list changed under the reader: what is on stays on, even when it has just ended.
  const place = ids.indexOf(now);
  if (place >= 0) return { ...show, items: ids, item: place };
  const item = Math.min(show.item, ids.length);
  return { ...show, items: [...ids.slice(0, item), now, ...ids.slice(item)], item };
}

function stop(show: Show, now: number): Show {
  return { ...show, playedMs: playedMs(show, now), since: null };
}

function hold(show: Show, why: Hold, now: number): Show {
  if (show.holds.includes(why)) return show;
  return { ...stop(show, now), holds: [...show.holds, why] };
}

function release(show: Show, why: Hold, now: number): Show {
  if (!show.holds.includes(why)) return show;
  const holds = show.holds.filter((other) => other !== why);
  const runs = holds.length === 0 && show.durationMs !== null;
  return { ...show, holds, since: runs ? now : null };
}

export function reduceShow(show: Show, act: ShowAct): Show {
  switch (act.is) {
    case "items":
      return act.username === personOf(show) ? withItems(show, act.ids, act.first) : show;
    case "ready":
      if (act.id !== storyOf(show) || show.durationMs !== null) return show;
      return {
        ...show,
        durationMs: act.durationMs,
        since: show.holds.length === 0 ? act.now : null,
      };
    case "hold":
      return hold(show, act.why, act.now);
    case "release":
      return release(show, act.why, act.now);
    // The timer and the video may both say so, and late: only what is on can end.
    case "ended":
      return act.id === storyOf(show) ? step(show, 1) : show;
    case "forward":
      return step(show, 1);
    case "back":
      return step(show, -1);
    case "person":
      return show.over ? show : toPerson(show, act.by);
  }
}
