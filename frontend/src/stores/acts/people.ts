import * as api from "@/api/operations";
import { m } from "@/app/messages";
import { listKey, STRANGER } from "@/stores/state";
import { dispatch, getState } from "@/stores/store";
import { hideTeller, loadTray } from "./stories";
import { complain, say } from "./tell";

export async function follow(username: string): Promise<void> {
  const before = getState().relations[username]?.status ?? STRANGER.status;
  const isPrivate = getState().profiles[username]?.is_private === true;
  dispatch({
    do: "relation",
    username,
    patch: { status: isPrivate ? "requested" : "following" },
  });
  try {
    const { status } = await api.users.follow(username);
    dispatch({ do: "relation", username, patch: { status } });
    if (status === "following") void loadTray();
  } catch (error) {
    dispatch({ do: "relation", username, patch: { status: before } });
    complain(error);
  }
}

export async function unfollow(username: string): Promise<void> {
  const before = getState().relations[username]?.status ?? STRANGER.status;
  dispatch({ do: "relation", username, patch: { status: "none" } });
  try {
    await api.users.unfollow(username);
    dispatch({ do: "feed.without", username });
    hideTeller(username);
    // A private account's posts may no longer be shown.
    if (getState().profiles[username]?.is_private) {
      dispatch({ do: "list.drop", key: listKey.grid(username) });
    }
  } catch (error) {
    dispatch({ do: "relation", username, patch: { status: before } });
    complain(error);
  }
}

export async function setBlocked(username: string, blocked: boolean): Promise<void> {
  try {
    await (blocked ? api.users.block(username) : api.users.unblock(username));
    dispatch({
      do: "relation",
      username,
      patch: blocked ? { blocked, status: "none", followsMe: false, asksMe: false } : { blocked },
    });
    if (blocked) {
      hideTeller(username);
      for (const post of Object.values(getState().posts)) {
        if (post.user.username === username) dispatch({ do: "post.gone", id: post.post_id });
      }
    }
    dispatch({ do: "list.drop", key: listKey.grid(username) });
    say(blocked ? m.profile.blocked(username) : m.profile.unblocked(username));
  } catch (error) {
    complain(error);
  }
}

export async function setMuted(username: string, muted: boolean): Promise<void> {
  dispatch({ do: "relation", username, patch: { muted } });
  try {
    await (muted ? api.users.mute(username) : api.users.unmute(username));
    if (muted) dispatch({ do: "feed.without", username });
    dispatch({ do: "list.drop", key: listKey.mutedPeople });
    if (muted) hideTeller(username);
    else void loadTray();
    say(muted ? m.profile.muted(username) : m.profile.unmuted(username));
  } catch (error) {
    dispatch({ do: "relation", username, patch: { muted: !muted } });
    complain(error);
  }
}

export async function setRestricted(username: string, restricted: boolean): Promise<void> {
  dispatch({ do: "relation", username, patch: { restricted } });
  try {
    await (restricted ? api.users.restrict(username) : api.users.unrestrict(username));
    say(restricted ? m.profile.restricted(username) : m.profile.unrestricted(username));
  } catch (error) {
    dispatch({ do: "relation", username, patch: { restricted: !restricted } });
    complain(error);
  }
}

export async function removeFollower(username: string): Promise<void> {
  const { session } = getState();
  if (session.is !== "in") return;
  try {
    await api.users.removeFollower(username);
    const me = session.me.username;
    dispatch({ do: "relation", username, patch: { followsMe: false } });
    const id = getState().users[username]?.user_id;
    if (id) dispatch({ do: "list.remove", key: listKey.followers(me), id: username });
    const followers = getState().profiles[me]?.follower_count ?? 1;
    dispatch({ do: "profile.patch", username: me, patch: { follower_count: followers - 1 } });
  } catch (error) {
    complain(error);
  }
}

/** Answers a follow request; the row goes at once either way. */
export async function answerRequest(username: string, accept: boolean): Promise<void> {
  const { session } = getState();
  if (session.is !== "in") return;
  const before = session.me.pending_follow_requests;
  dispatch({
    do: "relation",
    username,
    patch: { asksMe: false, ...(accept && { followsMe: true }) },
  });
  dispatch({ do: "list.remove", key: listKey.requests, id: username });
  dispatch({ do: "me", patch: { pending_follow_requests: Math.max(0, before - 1) } });
  try {
    await (accept ? api.requests.accept(username) : api.requests.decline(username));
  } catch (error) {
    dispatch({ do: "relation", username, patch: { asksMe: true, followsMe: false } });
    dispatch({ do: "list.drop", key: listKey.requests });
    complain(error);
  }
}

export async function loadProfile(username: string): Promise<void> {
  dispatch({ do: "entities", entities: { profiles: [await api.users.get(username)] } });
}
