import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError, NetworkError } from "@/api/errors";
import { getState } from "@/stores/store";
import { deliver, discard, flush, refill } from "./outbox";

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
    const first = deliver(act("a"), { onWait });
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

  it("goes out in the order in which it was done, however it came to wait", async () => {
    let up = false;
    const done: number[] = [];
    const act = (at: number) =>
      deliver(
        async () => {
          if (!up) throw new NetworkError();
          done.push(at);
        },
        { at },
      );
    const sent = [act(3), act(1)];
    await vi.advanceTimersByTimeAsync(0);
    const filled = refill(() => sent.push(act(2), act(4), act(0)));
    await vi.advanceTimersByTimeAsync(1);
    await filled;
    up = true;
    await flush();
    await Promise.all(sent);
    expect(done).toEqual([0, 1, 2, 3, 4]);
  });

  it("what is thrown away while it is on its way takes nothing of the next person's along", async () => {
    let answer: () => void = () => {};
    let up = false;
    const first = deliver(async () => {
      if (!up) throw new NetworkError();
      await new Promise<void>((resolve) => {
        answer = resolve;
      });
    });
    const gone = expect(first).rejects.toThrow();
    await vi.advanceTimersByTimeAsync(0);
    up = true;
    const flushed = flush();
    await vi.advanceTimersByTimeAsync(0);
    discard();
    await gone;
    let again = 0;
    const second = deliver(async () => {
      again += 1;
      if (again === 1) throw new NetworkError();
      return "theirs";
    });
    await vi.advanceTimersByTimeAsync(0);
    answer();
    await flushed;
    await expect(second).resolves.toBe("theirs");
    expect(again).toBe(2);
  });

  it("a refusal is an answer: it is not tried again", async () => {
    const act = vi.fn().mockRejectedValue(new ApiError(403, "no", "no"));
    await expect(deliver(act)).rejects.toThrow("no");
    expect(act).toHaveBeenCalledOnce();
    expect(getState().link.queued).toBe(0);
  });
});
