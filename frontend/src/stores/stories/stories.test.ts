import { describe, expect, it } from "vitest";
import type { Ring, Story, TrayEntry, User } from "@/app/types";
import { applyStoryEvent, applyStoryLive, reduceStories } from "./reduce";
import { NO_STORIES, type Stories } from "./state";

const ME = "usr_0";
const user = (n: number): User => ({
  user_id: `usr_${n}`,
  username: `person${n}`,
  full_name: "",
  profile_picture: null,
  is_verified: false,
});

interface Told {
  id: string;
  author: number;
  at: string;
  seen: boolean;
}

/** The server's side, as little of it as says what a fetch returns. */
class Server {
  stories: Told[] = [];
  private next = 0;

  private of(author: number): Told[] {
    return this.stories.filter((story) => story.author === author);
  }

  ring(author: number): Ring {
    const theirs = this.of(author);
    return {
      has_stories: theirs.length > 0,
      has_unseen: author !== 0 && theirs.some((story) => !story.seen),
      latest_at: theirs.at(-1)?.at ?? null,
    };
  }

  tray(): TrayEntry[] {
    const authors = [...new Set(this.stories.map((story) => story.author))];
    const entries = authors.map((author) => {
      const items = this.of(author).map((story) => ({
        story_id: story.id,
        media_url: null,
        media_type: "photo",
        thumbhash: null,
        duration: 5,
        audience: "followers",
        created_at: story.at,
        expires_at: story.at,
        is_viewed: author === 0 || story.seen,
      }));
      const unviewed_count = items.filter((item) => !item.is_viewed).length;
      return { user: user(author), items, unviewed_count, latest_at: this.of(author).at(-1)?.at };
    }) as TrayEntry[];
    const rank = (entry: TrayEntry) => `${entry.unviewed_count > 0 ? 1 : 0}${entry.latest_at}`;
    return entries.sort((a, b) => (rank(a) < rank(b) ? 1 : -1));
  }

  tell(author: number) {
    this.next += 1;
    const at = new Date(1_800_000_000_000 + this.next * 1_000).toISOString();
    const story = { id: `story_${this.next}`, author, at, seen: false };
    this.stories.push(story);
    return { story, type: "story.new" as const };
  }

  see(story: Told) {
    story.seen = true;
    return { story, type: "story.seen" as const };
  }

  end(story: Told) {
    this.stories = this.stories.filter((other) => other !== story);
    return { story, type: "story.gone" as const };
  }
}

type Happened = ReturnType<Server["tell"] | Server["see"] | Server["end"]>;

function hear(stories: Stories, server: Server, { story, type }: Happened): Stories {
  const ring = server.ring(story.author);
  const who = user(story.author);
  const about = { story_id: story.id, ring };
  return type === "story.new"
    ? applyStoryEvent(stories, type, { ...about, user: who, expires_at: story.at }, ME)
    : applyStoryEvent(stories, type, { ...about, user_id: who.user_id }, ME);
}

const fetched = (server: Server) =>
  reduceStories(NO_STORIES, { is: "tray", entries: server.tray() }, ME);

/** What the tray shows of it. */
function shown(stories: Stories) {
  const own = stories.people[ME];
  const ids = own?.ring.has_stories ? [ME, ...stories.order] : stories.order;
  return ids.map((id) => {
    const teller = stories.people[id];
    return { id, ring: teller?.ring, ids: teller?.ids, seen: [...(teller?.seen ?? [])].sort() };
  });
}

function randomly(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

describe("the tray", () => {
  it("is what a fetch would return, whatever happened since", () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const random = randomly(seed);
      const pick = <T>(from: T[]): T | undefined => from[Math.floor(random() * from.length)];
      const server = new Server();
      for (let i = 0; i < 5; i += 1) server.tell(Math.floor(random() * 5));
      let stories = fetched(server);
      for (let turn = 0; turn < 60; turn += 1) {
        const what = random();
        const unseen = server.stories.filter((story) => story.author !== 0 && !story.seen);
        const story = pick(what < 0.75 ? unseen : server.stories);
        const happened =
          what < 0.45 || !story
            ? server.tell(Math.floor(random() * 5))
            : what < 0.75
              ? server.see(story)
              : server.end(story);
        stories = hear(stories, server, happened);
        // Delivered again after a reconnection.
        if (random() < 0.2) stories = hear(stories, server, happened);
        expect(shown(stories), `seed ${seed}, turn ${turn}`).toEqual(shown(fetched(server)));
      }
    }
  });

  it("turns grey by the reader's own hand as it does by the server's word", () => {
    const server = new Server();
    const { story } = server.tell(1);
    server.tell(2);
    let stories = fetched(server);
    stories = reduceStories(stories, { is: "seen", id: story.id, userId: "usr_1" }, ME);
    const byHand = shown(stories);
    expect(stories.order).toEqual(["usr_2", "usr_1"]);
    expect(shown(hear(stories, server, server.see(story)))).toEqual(byHand);
  });

  it("knows that something came while it was fetched", () => {
    const server = new Server();
    let stories = reduceStories(NO_STORIES, { is: "tray.loading" }, ME);
    expect(stories.stale).toBe(false);
    stories = hear(stories, server, server.tell(1));
    expect(stories.stale).toBe(true);
    expect(reduceStories(stories, { is: "tray.loading" }, ME).stale).toBe(false);
  });

  it("drops whom one muted and keeps who is known from a profile", () => {
    const server = new Server();
    server.tell(1);
    const stranger = { user: user(9), stories: [], ring: server.ring(1) };
    let stories = reduceStories(fetched(server), { is: "of", of: stranger }, ME);
    expect(stories.order).toEqual(["usr_1"]);
    stories = reduceStories(stories, { is: "tray", entries: server.tray() }, ME);
    expect(stories.people.usr_9?.ring.has_stories).toBe(true);
    stories = reduceStories(stories, { is: "hidden", userId: "usr_1" }, ME);
    expect(stories.order).toEqual([]);
  });
});

describe("a story on the screen of its author", () => {
  const sticker = {
    sticker_id: "stk_1",
    kind: "poll" as const,
    x: 0.5,
    y: 0.5,
    rotation: 0,
    scale: 1,
    question: "?",
    options: ["a", "b"],
    answer: null,
  };
  const story = { story_id: "story_1", user_id: ME, stickers: [sticker], view_count: 0 };
  const stories = reduceStories(NO_STORIES, { is: "story", story: story as unknown as Story }, ME);

  it("counts and tells results live", () => {
    let next = applyStoryLive(stories, "story_1", "story.counts", {
      views: 3,
      reactions: 1,
      replies: 0,
    });
    const results = { total: 3, counts: [1, 2] };
    next = applyStoryLive(next, "story_1", "poll.results", {
      sticker_id: "stk_1",
      kind: "poll",
      results,
    });
    expect(next.stories.story_1).toMatchObject({ view_count: 3, stickers: [{ results }] });
    expect(applyStoryLive(next, "story_2", "story.counts", { views: 9 })).toBe(next);
  });
});
