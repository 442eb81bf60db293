import { describe, expect, it } from "vitest";
import { wish } from "./wish";

/** A server that answers when it is told to. */
function slow() {
  const sent: boolean[] = [];
  const answers: (() => void)[] = [];
  const act = (want: boolean) =>
    new Promise<void>((resolve) => {
      sent.push(want);
      answers.push(resolve);
    });
  const answer = async () => {
    answers.shift()?.();
    await new Promise((done) => setTimeout(done));
  };
  return { sent, act, answer };
}

describe("wish", () => {
  it("sends only the last of what was wished meanwhile", async () => {
    const { sent, act, answer } = slow();
    const done = wish("a", true, act);
    void wish("a", false, act);
    void wish("a", true, act);
    void wish("a", false, act);
    await answer();
    await answer();
    await done;
    expect(sent).toEqual([true, false]);
  });

  it("sends nothing more when the wish is what the server has", async () => {
    const { sent, act, answer } = slow();
    const done = wish("b", true, act);
    void wish("b", false, act);
    void wish("b", true, act);
    await answer();
    await done;
    expect(sent).toEqual([true]);
  });

  it("passes a refusal on and is free again", async () => {
    await expect(wish("c", true, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    const sent: boolean[] = [];
    await wish("c", true, async (want) => sent.push(want));
    expect(sent).toEqual([true]);
  });
});
