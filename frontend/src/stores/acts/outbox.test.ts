import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError, NetworkError } from "@/api/errors";
import { getState } from "@/stores/store";
import { deliver, discard, flush } from "./outbox";

describe("the outbox", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    discard();
    vi.useRealTimers();
  });

  it("runs at once while somebody answers", async () => {
    await expect(deliver(async () => 7)).resolves.toBe(7);
    expect(getState().link.queued).toBe(0);
  });

  it("keeps what nobody answered, in order, and says how much waits", async () => {
    let up = false;
    const done: string[] = [];
    const act = (name: string) => async () => {
      if (!up) throw new NetworkError();
      done.push(name);
      return name;
    };
    const onWait = vi.fn();
    const first = deliver(act("a"), onWait);
    await vi.advanceTimersByTimeAsync(0);
    const second = deliver(act("b"));
    await vi.advanceTimersByTimeAsync(0);
    expect(onWait).toHaveBeenCalledOnce();
    expect(getState().link.queued).toBe(2);
    await flush();
    expect(done).toEqual([]);
    up = true;
    await flush();
    await expect(first).resolves.toBe("a");
    await expect(second).resolves.toBe("b");
    expect(done).toEqual(["a", "b"]);
    expect(getState().link.queued).toBe(0);
  });

  it("a refusal is an answer: it is not tried again", async () => {
    const act = vi.fn().mockRejectedValue(new ApiError(403, "no", "no"));
    await expect(deliver(act)).rejects.toThrow("no");
    expect(act).toHaveBeenCalledOnce();
    expect(getState().link.queued).toBe(0);
  });
});
