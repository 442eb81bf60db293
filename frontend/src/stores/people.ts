import type { FollowStatus } from "@/app/types";
import { type RelationPatch, STRANGER, type State } from "./state";

/** Following changes two counters that may both be on the screen: theirs and one's own. */
export function relate(state: State, username: string, patch: RelationPatch): State {
  const before = state.relations[username] ?? STRANGER;
  const next: State = {
    ...state,
    relations: { ...state.relations, [username]: { ...before, ...patch } },
  };
  if (patch.status === undefined || patch.status === before.status) return next;
  return counted(next, username, before.status, patch.status);
}

function counted(state: State, username: string, from: FollowStatus, to: FollowStatus): State {
  const by = Number(to === "following") - Number(from === "following");
  if (by === 0) return state;
  const profiles = { ...state.profiles };
  const theirs = profiles[username];
  if (theirs) {
    const follower_count = Math.max(0, theirs.follower_count + by);
    profiles[username] = { ...theirs, follower_count, is_following: to === "following" };
  }
  const me = state.session.is === "in" ? state.session.me.username : null;
  const mine = me ? profiles[me] : undefined;
  if (me && mine) {
    profiles[me] = { ...mine, following_count: Math.max(0, mine.following_count + by) };
  }
  return { ...state, profiles };
}
