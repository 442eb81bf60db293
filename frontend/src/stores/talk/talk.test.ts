import { describe, expect, it } from "vitest";
import type { Conversation, Me, Member, Message, User } from "@/app/types";
import type { Action } from "@/stores/actions";
import { reduce } from "@/stores/reduce";
import { EMPTY, listKey, type State } from "@/stores/state";
import type { Outgoing } from "./state";

const ana: User = {
  user_id: "usr_1",
  username: "ana",
  full_name: "Ana",
  profile_picture: null,
  is_verified: false,
};
const ben: User = { ...ana, user_id: "usr_2", username: "ben" };
const member = (user: User): Member => ({
  ...user,
  is_admin: false,
  joined_at: "2026-11-20T09:00:00.000Z",
  read_up_to: null,
  delivered_up_to: null,
});

const conversation = (change: Partial<Conversation> = {}): Conversation => ({
  conversation_id: "conv_1",
  kind: "direct",
  name: "",
  folder: "inbox",
  members: [member(ana), member(ben)],
  is_admin: false,
  version: 5,
  unread: 0,
  read_up_to: null,
  last_message: null,
  created_at: "2026-11-20T09:00:00.000Z",
  updated_at: "2026-11-20T09:00:00.000Z",
  ...change,
});

const message = (n: number, change: Partial<Message> = {}): Message => ({
  message_id: `msg_${n}`,
  conversation_id: "conv_1",
  user: ben,
  text: `words ${n}`,
  media: null,
  post: null,
  story: null,
  reply_to: null,
  reactions: [],
  ref: null,
  created_at: `2026-11-20T10:00:0${n}.000Z`,
  edited_at: null,
  ...change,
});

const outgoing = (key: string, change: Partial<Outgoing> = {}): Outgoing => ({
  key,
  conversationId: "conv_1",
  text: "hello",
  post: null,
  photo: null,
  replyTo: null,
  createdAt: "2026-11-20T10:00:09.000Z",
  state: "sending",
  percent: 0,
  problem: null,
  ...change,
});

const run = (state: State, ...actions: Action[]) => actions.reduce(reduce, state);
let seq = 0;
const event = (type: string, data: unknown): Action => ({
  do: "event",
  showPosts: false,
  event: { op: "event", seq: ++seq, id: `e${seq}`, type, ts: "", data },
});
const page = (
  key: string,
  ids: string[],
  entities: object,
  how: "replace" | "append" | "prepend",
): Action => ({
  do: "list.page",
  key,
  ids,
  entities,
  how,
  cursor: "next",
  hasMore: true,
});
const thread = listKey.thread("conv_1");
const opened = run(
  { ...EMPTY, session: { is: "in", me: { ...ana } as Me } },
  page(listKey.inbox, ["conv_1"], { conversations: [conversation()] }, "replace"),
  page(thread, ["msg_2", "msg_1"], { messages: [message(2), message(1)] }, "replace"),
);
const arrival = (n: number, change: Partial<Message> = {}, rest: object = {}): Action =>
  event("message.new", {
    conversation_id: "conv_1",
    folder: "inbox",
    unread: 1,
    version: 5 + n,
    message: message(n, change),
    ...rest,
  });
const shown = (state: State) => state.lists[thread]?.ids;

describe("messages that arrive", () => {
  it("stand at their place, whatever order they come in, and once", () => {
    const state = run(opened, arrival(4), arrival(3), arrival(4));
    expect(shown(state)).toEqual(["msg_4", "msg_3", "msg_2", "msg_1"]);
    expect(state.talk.conversations.conv_1?.last_message?.message_id).toBe("msg_4");
  });

  it("bring their conversation to the top of the inbox", () => {
    const other = conversation({
      conversation_id: "conv_2",
      updated_at: "2026-11-20T09:30:00.000Z",
    });
    const before = run(opened, event("conversation.updated", other));
    expect(before.lists[listKey.inbox]?.ids).toEqual(["conv_2", "conv_1"]);
    const after = run(before, arrival(3));
    expect(after.lists[listKey.inbox]?.ids).toEqual(["conv_1", "conv_2"]);
  });

  it("count as the newest version says", () => {
    const state = run(opened, arrival(4, {}, { unread: 2 }), arrival(3, {}, { unread: 1 }));
    expect(state.talk.conversations.conv_1?.unread).toBe(2);
  });

  it("during a fetch are not lost by a page that was cut before", () => {
    const state = run(
      opened,
      { do: "list.loading", key: thread },
      arrival(3),
      page(thread, ["msg_2", "msg_1"], { messages: [message(2), message(1)] }, "replace"),
    );
    expect(shown(state)).toEqual(["msg_3", "msg_2", "msg_1"]);
  });

  it("end the typing of who wrote", () => {
    const typing: Action = {
      do: "live",
      message: {
        op: "live",
        topic: "conversation:conv_1",
        type: "typing",
        ts: "",
        data: { user_id: "usr_2", until: "2026-11-20T10:00:06.000Z" },
      },
    };
    const typed = run(opened, typing);
    expect(Object.keys(typed.talk.typing.conv_1 ?? {})).toEqual(["usr_2"]);
    expect(run(typed, arrival(3)).talk.typing.conv_1).toEqual({});
    const later = Date.parse("2026-11-20T10:00:07.000Z");
    const stopped = run(typed, { do: "talk", act: { is: "typing.stop", now: later } });
    expect(stopped.talk.typing).toEqual({});
  });
});

describe("what one says", () => {
  const own = (n: number) => message(n, { user: ana, ref: "key_1" });

  it("is replaced by the server's, whether the answer or the event comes first", () => {
    const sending = run(opened, { do: "talk", act: { is: "out", outgoing: outgoing("key_1") } });
    for (const order of [0, 1]) {
      const answer: Action = { do: "talk", act: { is: "message", message: own(3) } };
      const told = arrival(3, { user: ana, ref: "key_1" });
      const state = run(sending, ...(order ? [told, answer] : [answer, told]));
      expect(state.talk.outgoing).toEqual([]);
      expect(shown(state)).toEqual(["msg_3", "msg_2", "msg_1"]);
    }
  });

  it("keeps its local photo until the server's is ready", () => {
    const photo = { url: "blob:1", width: 4, height: 3 };
    const sending = run(opened, {
      do: "talk",
      act: { is: "out", outgoing: outgoing("key_1", { photo }) },
    });
    expect(run(sending, arrival(3, { user: ana, ref: "key_1" })).previews.msg_3).toEqual([photo]);
  });

  it("unsent is gone for good, and its quotes say so", () => {
    const quote = { message_id: "msg_2", unavailable: false, text: "words 2" };
    const answered = run(opened, arrival(3, { reply_to: quote }));
    const state = run(
      answered,
      event("message.deleted", {
        conversation_id: "conv_1",
        message_id: "msg_2",
        unread: 0,
        version: 9,
      }),
      page(thread, ["msg_2", "msg_1"], { messages: [message(2), message(1)] }, "replace"),
    );
    expect(shown(state)).not.toContain("msg_2");
    expect(state.talk.messages.msg_2).toBeUndefined();
    expect(state.talk.messages.msg_3?.reply_to).toEqual({ message_id: "msg_2", unavailable: true });
  });
});

describe("marks and changes", () => {
  const marks = (readUpTo: string | null, version: number) =>
    event("message.read", {
      conversation_id: "conv_1",
      marks: [{ user_id: "usr_2", read_up_to: readUpTo, delivered_up_to: readUpTo }],
      unread: 0,
      version,
    });
  const benOf = (state: State) =>
    state.talk.conversations.conv_1?.members.find((one) => one.user_id === "usr_2");

  it("only move forward", () => {
    const state = run(opened, marks("msg_2", 7), marks("msg_1", 6));
    expect(benOf(state)?.read_up_to).toBe("msg_2");
  });

  it("survive a whole conversation that came late", () => {
    const late = conversation({ version: 4, name: "old" });
    const state = run(opened, marks("msg_2", 7), event("conversation.updated", late));
    expect(benOf(state)?.read_up_to).toBe("msg_2");
    expect(state.talk.conversations.conv_1?.name).toBe("");
  });

  it("reading takes the conversation's part of the badge away", () => {
    const unread = run(opened, arrival(3, {}, { unread: 2 }), {
      do: "live",
      message: {
        op: "live",
        topic: "me",
        type: "unread",
        ts: "",
        data: { notifications: 4, messages: 5 },
      },
    });
    expect([unread.unread, unread.talk.unread]).toEqual([4, 5]);
    const act = { is: "read", id: "conv_1", messageId: "msg_3", userId: "usr_1" } as const;
    expect(run(unread, { do: "talk", act }).talk.unread).toBe(3);
  });

  it("a request moves to the inbox when it is accepted", () => {
    const request = conversation({ conversation_id: "conv_3", folder: "requests", unread: 1 });
    const state = run(
      opened,
      page(listKey.messageRequests, ["conv_3"], { conversations: [request] }, "replace"),
      { do: "talk", act: { is: "counts", unread: 0, requests: 1 } },
      { do: "talk", act: { is: "folder", id: "conv_3", folder: "inbox" } },
    );
    expect(state.lists[listKey.messageRequests]?.ids).toEqual([]);
    expect(state.lists[listKey.inbox]?.ids).toContain("conv_3");
    expect(state.talk.requests).toBe(0);
  });

  it("a first page that reaches what is shown keeps the older ones", () => {
    const state = run(
      opened,
      page(thread, ["msg_0"], { messages: [message(0)] }, "append"),
      page(thread, ["msg_3", "msg_2"], { messages: [message(3), message(2)] }, "replace"),
    );
    expect(shown(state)).toEqual(["msg_3", "msg_2", "msg_1", "msg_0"]);
  });

  it("a stretch around a message stays apart until its pages meet the newest", () => {
    const around = listKey.around("conv_1", "msg_0.5");
    const far = run(
      run(
        EMPTY,
        page(thread, ["msg_9", "msg_8"], { messages: [message(9), message(8)] }, "replace"),
      ),
      { ...page(around, ["msg_2", "msg_1"], {}, "replace"), newer: "on" } as Action,
      { ...page(around, ["msg_4", "msg_3"], {}, "prepend"), newer: "on" } as Action,
    );
    expect(far.lists[around]?.ids).toEqual(["msg_4", "msg_3", "msg_2", "msg_1"]);
    expect(far.lists[around]?.newer).toBe("on");
    expect(shown(far)).toEqual(["msg_9", "msg_8"]);
    const met = run(far, {
      ...page(around, ["msg_8", "msg_5"], {}, "prepend"),
      newer: "on",
    } as Action);
    expect(shown(met)).toEqual(["msg_9", "msg_8", "msg_5", "msg_4", "msg_3", "msg_2", "msg_1"]);
    expect(met.lists[thread]?.cursor).toBe(far.lists[around]?.cursor);
    // What is taken back goes from both.
    const act = { is: "unsent", id: "msg_3" } as const;
    const without = run(met, { do: "talk", act });
    expect(shown(without)).not.toContain("msg_3");
    expect(without.lists[around]?.ids).not.toContain("msg_3");
  });

  it("leaving takes it out of every list", () => {
    const state = run(opened, event("conversation.removed", { conversation_id: "conv_1" }));
    expect(state.lists[listKey.inbox]?.ids).toEqual([]);
    expect(state.lists[thread]).toBeUndefined();
  });
});
