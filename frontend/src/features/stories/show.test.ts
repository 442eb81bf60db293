import { describe, expect, it } from "vitest";
import {
  leftMs,
  openShow,
  personOf,
  playedMs,
  progress,
  reduceShow,
  type Show,
  type ShowAct,
  storyOf,
} from "./show";

const played = (show: Show, ...acts: ShowAct[]) => acts.reduce(reduceShow, show);
const items = (username: string, ids: string[], first = 0): ShowAct => ({
  is: "items",
  username,
  ids,
  first,
});
const ready = (id: string, now: number, durationMs = 5_000): ShowAct => ({
  is: "ready",
  id,
  durationMs,
  now,
});
const forward: ShowAct = { is: "forward" };
const back: ShowAct = { is: "back" };

const ana = played(openShow(["ana", "ben", "eva"], "ana"), items("ana", ["a1", "a2"]));

describe("the time of a story", () => {
  it("begins when its picture is there", () => {
    expect(leftMs(ana, 9_000)).toBeNull();
    const on = played(ana, ready("a1", 1_000));
    expect(progress(on, 1_000)).toBe(0);
    expect(progress(on, 3_500)).toBe(0.5);
    expect(leftMs(on, 3_500)).toBe(2_500);
    expect(progress(on, 99_000)).toBe(1);
  });

  it("stands still for as long as anything holds it", () => {
    let show = played(ana, ready("a1", 0), { is: "hold", why: "press", now: 1_000 });
    expect(leftMs(show, 8_000)).toBeNull();
    expect(playedMs(show, 8_000)).toBe(1_000);
    show = played(
      show,
      { is: "hold", why: "typing", now: 2_000 },
      { is: "release", why: "press", now: 3_000 },
    );
    expect(leftMs(show, 8_000)).toBeNull();
    show = played(show, { is: "release", why: "typing", now: 10_000 });
    expect(playedMs(show, 11_000)).toBe(2_000);
    expect(leftMs(show, 11_000)).toBe(3_000);
  });

  it("is the same whether a hold comes once or twice, and a release without one is nothing", () => {
    const on = played(ana, ready("a1", 0));
    const hold: ShowAct = { is: "hold", why: "user", now: 1_000 };
    const once = played(on, hold);
    expect(played(once, { ...hold, now: 4_000 })).toBe(once);
    expect(played(on, { is: "release", why: "user", now: 2_000 })).toBe(on);
  });

  it("waits for the release when the picture comes while it is held", () => {
    let show = played(ana, { is: "hold", why: "hidden", now: 0 }, ready("a1", 100));
    expect(leftMs(show, 5_000)).toBeNull();
    show = played(show, { is: "release", why: "hidden", now: 6_000 });
    expect(leftMs(show, 6_000)).toBe(5_000);
  });

  it("keeps the holds from one story to the next", () => {
    const show = played(
      ana,
      ready("a1", 0),
      { is: "hold", why: "user", now: 10 },
      forward,
      ready("a2", 20),
    );
    expect(leftMs(show, 30)).toBeNull();
  });

  it("runs for one story alone: a late word about another changes nothing", () => {
    const second = played(ana, ready("a1", 0), forward);
    expect(played(second, ready("a1", 50))).toBe(second);
    expect(played(second, { is: "ended", id: "a1" })).toBe(second);
    const on = played(second, ready("a2", 60));
    expect(played(on, ready("a2", 4_000))).toBe(on);
  });
});

describe("the way through the stories", () => {
  it("goes to the next story, the next person, and out at the end", () => {
    let show = played(ana, { is: "ended", id: "a1" });
    expect(storyOf(show)).toBe("a2");
    show = played(show, forward);
    expect(personOf(show)).toBe("ben");
    expect(storyOf(show)).toBeUndefined();
    show = played(show, items("ben", ["b1", "b2", "b3"], 2));
    expect(storyOf(show)).toBe("b3");
    show = played(show, forward, items("eva", ["e1"]), { is: "ended", id: "e1" });
    expect(show.over).toBe(true);
    expect(played(show, forward, back)).toEqual(show);
  });

  it("goes back through people, and begins again at the very first", () => {
    const eva = played(openShow(["ana", "eva"], "eva"), items("eva", ["e1", "e2"], 1));
    let show = played(eva, back);
    expect(storyOf(show)).toBe("e1");
    show = played(show, back, items("ana", ["a1"]), ready("a1", 0));
    expect(storyOf(show)).toBe("a1");
    show = played(show, back);
    expect(storyOf(show)).toBe("a1");
    expect(show.durationMs).toBeNull();
    expect(played(show, ready("a1", 70)).since).toBe(70);
  });

  it("passes over who has no stories left, in the direction one went", () => {
    const forth = played(ana, { is: "person", by: 1 }, items("ben", []));
    expect(personOf(forth)).toBe("eva");
    const eva = played(openShow(["ana", "ben", "eva"], "eva"), items("eva", ["e1"]));
    expect(personOf(played(eva, back, items("ben", [])))).toBe("ana");
    expect(played(openShow(["ana"], "ana"), items("ana", [])).over).toBe(true);
  });

  it("is not moved by another person's list", () => {
    expect(played(ana, items("ben", ["b1"]))).toBe(ana);
  });

  it("stays on a story that ends while it is on, and takes new ones in behind it", () => {
    const on = played(ana, ready("a1", 0));
    const ended = played(on, items("ana", ["a2"]));
    expect([storyOf(ended), ended.items, ended.durationMs]).toEqual(["a1", ["a1", "a2"], 5_000]);
    const more = played(ended, items("ana", ["a2", "a3"]));
    expect(storyOf(played(more, forward, forward))).toBe("a3");
    const last = played(on, forward, ready("a2", 9), items("ana", ["a1"]));
    expect([storyOf(last), last.items]).toEqual(["a2", ["a1", "a2"]]);
  });
});
