import { describe, expect, it } from "vitest";
import type { Media, Message } from "@/app/types";
import { isEmoji, rowsOf } from "./rows";

const said = (n: number, at: string, change: Partial<Message> = {}): Message => ({
  message_id: `msg_${n}`,
  conversation_id: "conv_1",
  user: {
    user_id: "usr_2",
    username: "ben",
    full_name: "Ben",
    profile_picture: null,
    is_verified: false,
  },
  text: "words",
  media: null,
  post: null,
  story: null,
  reply_to: null,
  reactions: [],
  ref: null,
  created_at: `2026-11-20T${at}:00.000Z`,
  edited_at: null,
  ...change,
});
const media = { type: "photo", url: "/a", sources: [] } as unknown as Media;
const photo = (n: number, at: string) => said(n, at, { text: "", media });
const kinds = (messages: Message[]) => rowsOf(messages, [], "usr_1").map((row) => row.is);

describe("rowsOf", () => {
  it("puts a time before the first and after every pause", () => {
    const rows = kinds([said(1, "10:00"), said(2, "10:30"), said(3, "12:00")]);
    expect(rows).toEqual(["time", "said", "said", "time", "said"]);
  });

  it("joins what one person says within minutes", () => {
    const rows = rowsOf([said(1, "10:00"), said(2, "10:01"), said(3, "10:20")], [], "usr_1");
    const ends = rows.flatMap((row) => (row.is === "said" ? [[row.first, row.last]] : []));
    expect(ends).toEqual([
      [true, false],
      [false, true],
      [true, true],
    ]);
  });

  it("makes a grid of photos that were sent together, and of those only", () => {
    expect(kinds([photo(1, "10:00"), photo(2, "10:00"), photo(3, "10:01")])).toEqual([
      "time",
      "photos",
    ]);
    expect(kinds([photo(1, "10:00"), said(2, "10:00"), photo(3, "10:01")])).toEqual([
      "time",
      "said",
      "said",
      "said",
    ]);
  });

  it("keeps the key of what one sent once the server has it", () => {
    const rows = rowsOf([said(1, "10:00", { ref: "k" })], [], "usr_2");
    expect(rows[1]?.key).toBe("k");
  });
});

it("knows a few emoji from words", () => {
  expect(["❤️", "😂😂", "👩‍👩‍👧", "🇵🇹"].map(isEmoji)).toEqual([true, true, true, true]);
  expect(["a", "❤️ you", "12", "😂😂😂😂", ""].map(isEmoji)).toEqual([
    false,
    false,
    false,
    false,
    false,
  ]);
});
