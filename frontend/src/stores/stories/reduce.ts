import type { Ring, StoriesOf, Story, StorySticker, TrayEntry, User } from "@/app/types";
import type { EventData, TopicData } from "@/protocol.gen";
import { NO_RING, NO_STORIES, type Stories, type StoriesAct, type Teller } from "./state";

type Handlers = {
  [Kind in StoriesAct["is"]]: (
    stories: Stories,
    act: Extract<StoriesAct, { is: Kind }>,
    myId: string,
  ) => Stories;
};

/** Unseen first, then the newest, as the server sorts; oneself has a place of one's own. */
function orderOf(people: Record<string, Teller>, myId: string): string[] {
  const shown = Object.values(people).filter(
    ({ user, ring, inTray }) => inTray && ring.has_stories && user.user_id !== myId,
  );
  const at = ({ ring }: Teller) => ring.latest_at ?? "";
  shown.sort(
    (a, b) =>
      Number(b.ring.has_unseen) - Number(a.ring.has_unseen) ||
      (at(a) < at(b) ? 1 : at(a) > at(b) ? -1 : 0),
  );
  return shown.map(({ user }) => user.user_id);
}

function withPeople(stories: Stories, people: Record<string, Teller>, myId: string): Stories {
  const order = orderOf(people, myId);
  const same =
    order.length === stories.order.length && order.every((id, i) => stories.order[i] === id);
  return { ...stories, people, order: same ? stories.order : order };
}

function withPerson(stories: Stories, teller: Teller, myId: string): Stories {
  const people = { ...stories.people, [teller.user.user_id]: teller };
  return withPeople(stories, people, myId);
}

function ofEntry({ user, items, unviewed_count, latest_at }: TrayEntry): Teller {
  return {
    user,
    ring: { has_stories: items.length > 0, has_unseen: unviewed_count > 0, latest_at },
    ids: items.map((item) => item.story_id),
    seen: items.filter((item) => item.is_viewed).map((item) => item.story_id),
    inTray: true,
  };
}

/** The tray replaces what was known of it; people known from their profile alone stay. */
function tray(stories: Stories, entries: TrayEntry[], myId: string): Stories {
  const people: Record<string, Teller> = {};
  for (const [id, teller] of Object.entries(stories.people)) {
    if (!teller.inTray) people[id] = teller;
  }
  for (const entry of entries) people[entry.user.user_id] = ofEntry(entry);
  return withPeople({ ...stories, tray: "ready" }, people, myId);
}

function ofPerson(stories: Stories, { user, stories: found, ring }: StoriesOf, myId: string) {
  const before = stories.people[user.user_id];
  const live = found.filter((story) => story.status === "live" || user.user_id === myId);
  const teller: Teller = {
    user,
    ring,
    ids: live.map((story) => story.story_id),
    seen: live.filter((story) => story.is_viewed).map((story) => story.story_id),
    inTray: before?.inTray ?? user.user_id === myId,
  };
  const all = { ...stories.stories };
  for (const story of found) all[story.story_id] = story;
  const whole = { ...stories.whole, [user.user_id]: true };
  return withPerson({ ...stories, stories: all, whole }, teller, myId);
}

function isSeen(teller: Teller, id: string): boolean {
  return teller.seen.includes(id);
}

/** Seen here: the ring turns at once; the server's word of it says the same. */
function seen(stories: Stories, id: string, userId: string, myId: string, ring?: Ring): Stories {
  const teller = stories.people[userId];
  const story = stories.stories[id];
  let next = stories;
  if (story && !story.is_viewed) {
    next = { ...next, stories: { ...next.stories, [id]: { ...story, is_viewed: true } } };
  }
  if (!teller || (isSeen(teller, id) && !ring)) return next;
  const all = isSeen(teller, id) ? teller.seen : [...teller.seen, id];
  const has_unseen = teller.ids.some((other) => !all.includes(other));
  return withPerson(
    next,
    { ...teller, seen: all, ring: ring ?? { ...teller.ring, has_unseen } },
    myId,
  );
}

function gone(stories: Stories, id: string, userId: string, myId: string, ring?: Ring): Stories {
  const { [id]: _gone, ...rest } = stories.stories;
  const next = { ...stories, stories: rest };
  const teller = stories.people[userId];
  if (!teller) return next;
  const ids = teller.ids.filter((other) => other !== id);
  const seenIds = teller.seen.filter((other) => other !== id);
  const guess: Ring =
    ids.length === 0
      ? NO_RING
      : { ...teller.ring, has_unseen: ids.some((other) => !seenIds.includes(other)) };
  return withPerson(next, { ...teller, ids, seen: seenIds, ring: ring ?? guess }, myId);
}

function patchStory(
  stories: Stories,
  id: string,
  patch: (story: Story) => Partial<Story>,
): Stories {
  const story = stories.stories[id];
  if (!story) return stories;
  return { ...stories, stories: { ...stories.stories, [id]: { ...story, ...patch(story) } } };
}

function patchSticker(
  stories: Stories,
  id: string,
  stickerId: string,
  patch: Partial<StorySticker>,
): Stories {
  return patchStory(stories, id, (story) => ({
    stickers: story.stickers.map((sticker) =>
      sticker.sticker_id === stickerId ? { ...sticker, ...patch } : sticker,
    ),
  }));
}

const handlers: Handlers = {
  "tray.loading": (stories) => ({
    ...stories,
    stale: false,
    tray: stories.tray === "ready" ? "ready" : "loading",
  }),
  "tray.failed": (stories) => (stories.tray === "ready" ? stories : { ...stories, tray: "failed" }),
  tray: (stories, { entries }, myId) => tray(stories, entries, myId),
  of: (stories, { of }, myId) => ofPerson(stories, of, myId),
  story: (stories, { story }) => ({
    ...stories,
    stories: { ...stories.stories, [story.story_id]: story },
  }),
  seen: (stories, { id, userId }, myId) => seen(stories, id, userId, myId),
  gone: (stories, { id, userId }, myId) => gone(stories, id, userId, myId),
  react: (stories, { id, reaction }) => patchStory(stories, id, () => ({ reaction })),
  answer: (stories, { id, stickerId, answer }) => patchSticker(stories, id, stickerId, { answer }),
  results: (stories, { id, stickerId, results }) =>
    patchSticker(stories, id, stickerId, { results }),
  viewers: (stories, { id, viewers }) => {
    const looks = { ...stories.looks };
    for (const { username, viewed_at, reaction } of viewers) {
      looks[`${id}:${username}`] = { viewed_at, reaction };
    }
    return { ...stories, looks };
  },
  hidden: (stories, { userId }, myId) => {
    const { [userId]: _hidden, ...people } = stories.people;
    return withPeople(stories, people, myId);
  },
};

export function reduceStories(stories: Stories, act: StoriesAct, myId: string): Stories {
  const handler = handlers[act.is] as (s: Stories, a: StoriesAct, myId: string) => Stories;
  return handler(stories, act, myId);
}

export type StoryEvent = Extract<keyof EventData, `story.${string}`>;

const touched = (stories: Stories): Stories => ({ ...stories, stale: true });

function arrived(stories: Stories, user: User, id: string, ring: Ring, myId: string): Stories {
  const before = stories.people[user.user_id];
  const ids = before?.ids ?? [];
  const teller: Teller = {
    user,
    ring,
    ids: ids.includes(id) ? ids : [...ids, id],
    // One's own count as seen.
    seen:
      user.user_id === myId ? [...new Set([...(before?.seen ?? []), id])] : (before?.seen ?? []),
    inTray: true,
  };
  const whole = { ...stories.whole, [user.user_id]: false };
  return withPerson({ ...stories, whole }, teller, myId);
}

/** Events carry the ring as it is for this reader, so it is taken as it comes. */
export function applyStoryEvent(
  stories: Stories,
  type: StoryEvent,
  data: EventData[StoryEvent],
  myId: string,
): Stories {
  switch (type) {
    case "story.new": {
      const { user, story_id, ring } = data as EventData["story.new"];
      return touched(arrived(stories, user, story_id, ring, myId));
    }
    case "story.seen": {
      const { user_id, story_id, ring } = data as EventData["story.seen"];
      return touched(seen(stories, story_id, user_id, myId, ring));
    }
    case "story.gone": {
      const { user_id, story_id, ring } = data as EventData["story.gone"];
      return touched(gone(stories, story_id, user_id, myId, ring));
    }
  }
}

type StoryTopic = TopicData["story:{story_id}"];

/** What the author of a story sees move while it is looked at. */
export function applyStoryLive(stories: Stories, id: string, type: string, data: unknown): Stories {
  if (type === "story.counts") {
    const { views, reactions, replies } = data as StoryTopic["story.counts"];
    return patchStory(stories, id, (story) => ({
      view_count: views ?? story.view_count,
      reactions_count: reactions ?? story.reactions_count,
      replies_count: replies ?? story.replies_count,
    }));
  }
  if (type === "poll.results") {
    const { sticker_id, results } = data as StoryTopic["poll.results"];
    return patchSticker(stories, id, sticker_id, { results });
  }
  return stories;
}

export { NO_STORIES };
