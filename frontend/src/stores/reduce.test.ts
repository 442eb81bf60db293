import { describe, expect, it } from "vitest";
import type { Comment, Me, Notification, Post, User } from "@/app/types";
import type { Action } from "./actions";
import { reduce } from "./reduce";
import { EMPTY, listKey, type ShownComment, type State } from "./state";

const ana: User = {
  user_id: "usr_1",
  username: "ana",
  full_name: "Ana",
  profile_picture: null,
  is_verified: false,
};
const ben: User = { ...ana, user_id: "usr_2", username: "ben" };

const me: Me = {
  ...ana,
  bio: "",
  follower_count: 0,
  following_count: 3,
  post_count: 1,
  is_private: false,
  is_following: false,
  is_followed_by: false,
  created_at: "2026-01-01T00:00:00.000Z",
  follow_status: "none",
  is_blocked: false,
  is_muted: false,
  is_restricted: false,
  is_follow_requested_by: false,
  email: "ana@example.org",
  privacy_level: "public",
  unread_notifications: 2,
  unread_messages: 0,
  pending_follow_requests: 0,
};

const post = (n: number, change: Partial<Post> = {}): Post => ({
  post_id: `post_${n}`,
  user: ben,
  media: [],
  caption: "",
  hashtags: [],
  location: null,
  likes_count: 5,
  comments_count: 1,
  shares_count: 0,
  is_liked: false,
  is_saved: false,
  created_at: `2026-11-20T10:00:0${n}.000Z`,
  edited_at: null,
  comments_disabled: false,
  audience: "public",
  status: "published",
  ...change,
});

const comment = (id: string, change: Partial<ShownComment> = {}): ShownComment => ({
  comment_id: id,
  post_id: "post_1",
  user: ben,
  text: id,
  parent_comment_id: null,
  likes_count: 0,
  replies_count: 0,
  is_liked: false,
  created_at: "2026-11-20T10:00:00.000Z",
  ...change,
});

const play = (state: State, ...actions: Action[]): State => actions.reduce(reduce, state);

const page = (key: string, ids: string[], entities = {}): Action => ({
  do: "list.page",
  key,
  ids,
  cursor: null,
  hasMore: false,
  entities,
  how: "replace",
});

const event = (type: string, data: unknown, showPosts = true): Action => ({
  do: "event",
  event: { op: "event", seq: 1, id: `ev_${type}`, type, ts: "", data },
  showPosts,
});

const live = (topic: string, type: string, data: unknown): Action => ({
  do: "live",
  message: { op: "live", topic, type, ts: "", data },
});

const inside = play(EMPTY, { do: "session.in", me });
const feedOf = (state: State) => state.lists[listKey.feed]?.ids;
const withFeed = play(
  inside,
  page(listKey.feed, ["post_2", "post_1"], { posts: [post(2), post(1)] }),
);

describe("the feed", () => {
  it("lets a post in at the top when the reader is there", () => {
    const state = play(withFeed, event("post.new", post(3)));
    expect(feedOf(state)).toEqual(["post_3", "post_2", "post_1"]);
    expect(state.fresh).toEqual([]);
  });

  it("keeps it behind the pill when the reader is further down, newest first", () => {
    const waiting = play(
      withFeed,
      event("post.new", post(4), false),
      event("post.new", post(3), false),
    );
    expect(feedOf(waiting)).toEqual(["post_2", "post_1"]);
    expect(waiting.fresh).toEqual(["post_4", "post_3"]);
    const shown = play(waiting, { do: "feed.show" });
    expect(feedOf(shown)).toEqual(["post_4", "post_3", "post_2", "post_1"]);
    expect(shown.fresh).toEqual([]);
  });

  it("shows a post once, however often it arrives", () => {
    const state = play(
      withFeed,
      event("post.new", post(3), false),
      event("post.new", post(3), false),
      event("post.new", post(2)),
    );
    expect(state.fresh).toEqual(["post_3"]);
    expect(feedOf(state)).toEqual(["post_2", "post_1"]);
  });

  it("does not lose a post that arrives while the first page is on its way", () => {
    const state = play(
      inside,
      { do: "list.loading", key: listKey.feed },
      event("post.new", post(3)),
      page(listKey.feed, ["post_2", "post_1"], { posts: [post(2), post(1)] }),
    );
    expect(feedOf(state)).toEqual(["post_3", "post_2", "post_1"]);
  });

  it("a deleted post leaves the feed, the grids and the open sheets", () => {
    const state = play(
      withFeed,
      page(listKey.grid("ben"), ["post_2"]),
      { do: "overlay.open", overlay: { is: "comments", postId: "post_2" } },
      event("post.deleted", { post_id: "post_2" }),
    );
    expect(feedOf(state)).toEqual(["post_1"]);
    expect(state.lists[listKey.grid("ben")]?.ids).toEqual([]);
    expect(state.overlays).toEqual([]);
    expect(state.posts.post_2).toBeUndefined();
  });

  it("loses the posts of somebody who is no longer followed", () => {
    const other = post(3, { user: { ...ana, username: "other" } });
    const state = play(withFeed, event("post.new", other), { do: "feed.without", username: "ben" });
    expect(feedOf(state)).toEqual(["post_3"]);
  });

  it("an edit by its author keeps the reader's own like and save", () => {
    const state = play(
      withFeed,
      { do: "post.like", id: "post_1", liked: true },
      event("post.updated", post(1, { caption: "new", likes_count: 6 })),
    );
    expect(state.posts.post_1).toMatchObject({ caption: "new", is_liked: true, likes_count: 6 });
  });

  it("a page of a cursor never doubles what an event brought", () => {
    const state = play(withFeed, {
      do: "list.page",
      key: listKey.feed,
      ids: ["post_1", "post_0"],
      cursor: null,
      hasMore: false,
      entities: { posts: [post(1), post(0)] },
      how: "append",
    });
    expect(feedOf(state)).toEqual(["post_2", "post_1", "post_0"]);
  });
});

describe("counters", () => {
  it("answer the finger, once", () => {
    const liked = play(
      withFeed,
      { do: "post.like", id: "post_1", liked: true },
      { do: "post.like", id: "post_1", liked: true },
    );
    expect(liked.posts.post_1).toMatchObject({ likes_count: 6, is_liked: true });
    const undone = play(liked, { do: "post.like", id: "post_1", liked: false });
    expect(undone.posts.post_1).toMatchObject({ likes_count: 5, is_liked: false });
  });

  it("take the server's word", () => {
    const state = play(withFeed, live("post:post_1", "post.counts", { likes: 40, comments: 7 }));
    expect(state.posts.post_1).toMatchObject({ likes_count: 40, comments_count: 7 });
  });

  it("of both people change with a follow", () => {
    const state = play(
      inside,
      { do: "entities", entities: { profiles: [{ ...me, ...ben, follower_count: 9 }] } },
      { do: "relation", username: "ben", patch: { status: "following" } },
    );
    expect(state.profiles.ben?.follower_count).toBe(10);
    expect(state.profiles.ana?.following_count).toBe(4);
    const asked = play(state, { do: "relation", username: "ben", patch: { status: "requested" } });
    expect(asked.profiles.ben?.follower_count).toBe(9);
  });
});

describe("comments", () => {
  const key = listKey.comments("post_1");
  const open = play(withFeed, page(key, ["cmt_1"], { comments: [comment("cmt_1")] }));
  const mine = comment("local_1", { user: ana, text: "hi", sending: "sending" });
  const real: Comment = comment("cmt_2", { user: ana, text: "hi" });

  it("show one's own at once, and the real one in its place", () => {
    const sent = play(open, { do: "comment.put", comment: mine, counted: false });
    expect(sent.lists[key]?.ids).toEqual(["local_1", "cmt_1"]);
    expect(sent.posts.post_1?.comments_count).toBe(2);
    const done = play(sent, {
      do: "comment.put",
      comment: real,
      replaces: "local_1",
      counted: true,
    });
    expect(done.lists[key]?.ids).toEqual(["cmt_2", "cmt_1"]);
    expect(done.posts.post_1?.comments_count).toBe(2);
  });

  it("show one's own once when the live message is faster than the answer", () => {
    const state = play(
      open,
      { do: "comment.put", comment: mine, counted: false },
      live("post:post_1", "comment.new", real),
      { do: "comment.put", comment: real, replaces: "local_1", counted: true },
    );
    expect(state.lists[key]?.ids).toEqual(["cmt_2", "cmt_1"]);
    expect(state.comments.local_1).toBeUndefined();
  });

  it("of others arrive on top, replies below the older ones", () => {
    const state = play(
      open,
      live("post:post_1", "comment.new", comment("cmt_3")),
      live("post:post_1", "comment.new", comment("cmt_4", { parent_comment_id: "cmt_1" })),
      live("post:post_1", "comment.new", comment("cmt_5", { parent_comment_id: "cmt_1" })),
      live("post:post_1", "comment.new", comment("cmt_5", { parent_comment_id: "cmt_1" })),
    );
    expect(state.lists[key]?.ids).toEqual(["cmt_3", "cmt_1"]);
    expect(state.lists[listKey.replies("cmt_1")]?.ids).toEqual(["cmt_4", "cmt_5"]);
    expect(state.comments.cmt_1?.replies_count).toBe(2);
  });

  it("a refused one goes, and so does its count", () => {
    const state = play(
      open,
      { do: "comment.put", comment: mine, counted: false },
      { do: "comment.gone", id: "local_1", postId: "post_1", counted: false },
    );
    expect(state.lists[key]?.ids).toEqual(["cmt_1"]);
    expect(state.posts.post_1?.comments_count).toBe(1);
  });
});

describe("notifications", () => {
  const note = (id: string, change: Partial<Notification> = {}): Notification => ({
    notification_id: id,
    kind: "like",
    actors: [ben],
    actor_count: 1,
    post: null,
    story: null,
    comment: null,
    conversation_id: null,
    is_read: false,
    created_at: "2026-11-20T10:00:00.000Z",
    updated_at: "2026-11-20T10:00:00.000Z",
    ...change,
  });
  const open = play(
    inside,
    page(listKey.notifications, ["n2", "n1"], { notifications: [note("n2"), note("n1")] }),
  );

  it("a group that grew moves to the top and is still one", () => {
    const grown = { notification: note("n1", { actor_count: 2 }), unread: 3 };
    const state = play(open, event("notification.updated", grown));
    expect(state.lists[listKey.notifications]?.ids).toEqual(["n1", "n2"]);
    expect(state.notifications.n1?.actor_count).toBe(2);
    expect(state.unread).toBe(3);
  });

  it("a group that shrinks stays where it is, an empty one goes", () => {
    const smaller = { notification: note("n1", { actor_count: 3 }), unread: 2 };
    const shrunk = play(open, event("notification.shrunk", smaller));
    expect(shrunk.lists[listKey.notifications]?.ids).toEqual(["n2", "n1"]);
    expect(shrunk.notifications.n1?.actor_count).toBe(3);
    const gone = play(shrunk, event("notification.deleted", { notification_id: "n1", unread: 1 }));
    expect(gone.lists[listKey.notifications]?.ids).toEqual(["n2"]);
    expect(gone.notifications.n1).toBeUndefined();
    expect(gone.unread).toBe(1);
  });

  it("read on another device is read here", () => {
    const one = play(open, event("notification.read", { ids: ["n1"], unread: 1 }));
    expect(one.notifications.n1?.is_read).toBe(true);
    expect(one.notifications.n2?.is_read).toBe(false);
    const all = play(one, event("notification.read", { ids: null, unread: 0 }));
    expect(all.notifications.n2?.is_read).toBe(true);
    expect(all.unread).toBe(0);
  });

  it("the badge follows the topic of one's own", () => {
    expect(play(open, live("me", "unread", { notifications: 9, messages: 0 })).unread).toBe(9);
  });
});

describe("a session", () => {
  it("leaves nothing behind", () => {
    const state = play(withFeed, { do: "session.out", ended: true });
    expect(state).toEqual({ ...EMPTY, session: { is: "out", ended: true } });
  });

  it("unknown events and topics change nothing", () => {
    expect(play(withFeed, event("moon.rose", {}))).toBe(withFeed);
    expect(play(withFeed, live("post:post_1", "whatever", {}))).toBe(withFeed);
  });
});

describe("who is active", () => {
  const told = (type: string, data: unknown): Action => ({
    do: "live",
    message: { op: "live", topic: "presence:usr_2", type, ts: "", data },
  });
  const now = { online: true, last_active_at: "2026-11-20T10:00:00.000Z" };
  const known = play({ ...inside, link: { ...inside.link, is: "online" } }, told("presence", now));

  it("is known as long as the server tells", () => {
    expect(known.presence).toEqual({ usr_2: now });
    expect(play(known, told("revoked", {})).presence).toEqual({});
    expect(play(known, { do: "presence", userId: "usr_2", is: null }).presence).toEqual({});
  });

  it("is not known without a connection", () => {
    expect(play(known, { do: "link", is: "online" }).presence).toEqual({ usr_2: now });
    expect(play(known, { do: "link", is: "waiting" }).presence).toEqual({});
  });
});
