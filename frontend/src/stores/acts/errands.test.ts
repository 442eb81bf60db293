import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { drop, type Errand, errands, forgetErrands, note } from "./errands";

const like = (id: string, on: boolean, at: number): Errand => ({
  name: `like:${id}`,
  key: "",
  at,
  what: { is: "like", id, on },
});

describe("errands", () => {
  const held = new Map<string, string>();
  beforeEach(() => {
    held.clear();
    vi.useFakeTimers({ now: 25 });
    vi.stubGlobal("localStorage", {
      getItem: (name: string) => held.get(name) ?? null,
      setItem: (name: string, value: string) => held.set(name, value),
      removeItem: (name: string) => held.delete(name),
    });
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  it("are kept in the order of the acts, the newest wish for each thing", () => {
    note("usr_1", like("b", true, 20));
    note("usr_1", like("a", true, 10));
    note("usr_1", like("b", false, 20));
    expect(errands("usr_1", 30).map(({ what }) => what)).toEqual([
      { is: "like", id: "a", on: true },
      { is: "like", id: "b", on: false },
    ]);
    drop("usr_1", "like:a");
    expect(errands("usr_1", 30)).toHaveLength(1);
  });

  it("are one account's, and go when it logs out", () => {
    note("usr_1", like("a", true, 10));
    note("usr_2", like("c", true, 10));
    expect(errands("usr_2", 30).map((one) => one.name)).toEqual(["like:c"]);
    forgetErrands("usr_1");
    expect(errands("usr_1", 30)).toEqual([]);
    expect(errands("usr_2", 30)).toHaveLength(1);
    expect([...held.keys()]).toEqual(["glimpse.errands.usr_2"]);
  });

  it("are let go before the server forgets their keys", () => {
    note("usr_1", like("a", true, 0));
    expect(errands("usr_1", 19 * 3_600_000)).toHaveLength(1);
    expect(errands("usr_1", 21 * 3_600_000)).toEqual([]);
  });

  it("a broken store is an empty one", () => {
    held.set("glimpse.errands.usr_1", "{");
    expect(errands("usr_1")).toEqual([]);
  });
});
