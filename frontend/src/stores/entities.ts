import type { FollowStatus, Profile, UserRow } from "@/app/types";
import { type Entities, type Relation, STRANGER, type State } from "./state";
import { mergeTalk } from "./talk/talk";

type Known = UserRow & Partial<Profile>;

/** What an answer tells about how the reader stands to someone; what it leaves out stays. */
function relationOf(user: Known, before: Relation | undefined): Relation | undefined {
  const status: FollowStatus | undefined =
    user.follow_status ??
    (user.is_following === undefined ? undefined : user.is_following ? "following" : "none");
  if (status === undefined && user.is_followed_by === undefined) return before;
  const base = before ?? STRANGER;
  return {
    // A bare `is_following: false` can't tell "none" from "requested", so it doesn't undo the latter.
    status:
      status === undefined ||
      (status === "none" && base.status === "requested" && user.follow_status === undefined)
        ? base.status
        : status,
    followsMe: user.is_followed_by ?? base.followsMe,
    asksMe: user.is_follow_requested_by ?? base.asksMe,
    blocked: user.is_blocked ?? base.blocked,
    muted: user.is_muted ?? base.muted,
    restricted: user.is_restricted ?? base.restricted,
  };
}

function byKey<T>(
  before: Record<string, T>,
  items: T[] | undefined,
  key: (item: T) => string,
): Record<string, T> {
  if (!items || items.length === 0) return before;
  const after = { ...before };
  for (const item of items) after[key(item)] = item;
  return after;
}

export function merge(state: State, entities: Entities): State {
  const people: Known[] = [...(entities.users ?? []), ...(entities.profiles ?? [])];
  let { users, relations } = state;
  if (people.length > 0) {
    users = { ...users };
    relations = { ...relations };
    for (const user of people) {
      users[user.username] = { ...users[user.username], ...user };
      const relation = relationOf(user, relations[user.username]);
      if (relation) relations[user.username] = relation;
    }
  }
  const talked = mergeTalk(state, entities.conversations, entities.messages);
  return {
    ...talked,
    users,
    relations,
    profiles: byKey(state.profiles, entities.profiles, (profile) => profile.username),
    posts: byKey(state.posts, entities.posts, (post) => post.post_id),
    comments: byKey(state.comments, entities.comments, (comment) => comment.comment_id),
    notifications: byKey(state.notifications, entities.notifications, (n) => n.notification_id),
  };
}
