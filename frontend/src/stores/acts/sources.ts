import type { Answer } from "@/api/http";
import * as api from "@/api/operations";
import { stories } from "@/api/stories";
import type { Comment, Folder, Page, Post, ThreadPage, UserRow } from "@/app/types";
import { connected } from "@/stores/gate";
import { type Entities, listKey } from "@/stores/state";
import { dispatch } from "@/stores/store";

/** Where a list comes from: its name in the store and how to get a page of it. */
export interface Source {
  key: string;
  page: (cursor: string | null) => Promise<Fetched>;
}

interface Fetched {
  ids: string[];
  entities: Entities;
  page: Page;
  /** Of a list that does not begin at its beginning: where it goes on to there. */
  newer?: string | null;
}

const ofPosts = ({ data, page }: Answer<{ posts: Post[] }>) => ({
  ids: data.posts.map((post) => post.post_id),
  entities: { posts: data.posts },
  page,
});

/** People are known by username throughout, as in every link. */
const ofPeople = ({ data, page }: Answer<{ users: UserRow[] }>) => ({
  ids: data.users.map((user) => user.username),
  entities: { users: data.users },
  page,
});

const ofComments = ({ data, page }: Answer<{ comments: Comment[] }>) => ({
  ids: data.comments.map((comment) => comment.comment_id),
  entities: { comments: data.comments },
  page,
});

const ofMessages = ({ data, page }: Answer<ThreadPage>): Fetched => ({
  ids: data.messages.map((message) => message.message_id),
  entities: { messages: data.messages },
  page,
  newer: data.newer_cursor,
});

function folder(which: Folder, key: string): Source {
  return {
    key,
    page: async (cursor) => {
      await connected;
      const { data, page } = await api.conversations.list(which, cursor);
      const { conversations, unread, requests } = data;
      dispatch({ do: "talk", act: { is: "counts", unread, requests } });
      return {
        ids: conversations.map((one) => one.conversation_id),
        entities: { conversations },
        page,
      };
    },
  };
}

export const sources = {
  feed: {
    key: listKey.feed,
    // The socket stands first, so that nothing falls between the snapshot and the first event.
    page: async (cursor: string | null) => {
      await connected;
      return ofPosts(await api.feed.home(cursor));
    },
  } satisfies Source,
  grid: (username: string): Source => ({
    key: listKey.grid(username),
    page: async (cursor) => ofPosts(await api.feed.user(username, cursor)),
  }),
  archive: {
    key: listKey.archive,
    page: async (cursor: string | null) => ofPosts(await api.posts.archived(cursor)),
  } satisfies Source,
  collection: (id: string | null): Source => ({
    key: listKey.collection(id ?? "all"),
    page: async (cursor) => ofPosts(await api.collections.get(id, cursor)),
  }),
  followers: (username: string): Source => ({
    key: listKey.followers(username),
    page: async (cursor) => ofPeople(await api.users.followers(username, cursor)),
  }),
  following: (username: string): Source => ({
    key: listKey.following(username),
    page: async (cursor) => ofPeople(await api.users.following(username, cursor)),
  }),
  likes: (postId: string): Source => ({
    key: listKey.likes(postId),
    page: async (cursor) => ofPeople(await api.posts.likes(postId, cursor)),
  }),
  suggestions: {
    key: listKey.suggestions,
    page: async () => ofPeople(await api.users.suggestions(8)),
  } satisfies Source,
  requests: {
    key: listKey.requests,
    page: async (cursor: string | null) => {
      const answer = await api.requests.list(cursor);
      const users = answer.data.users.map((user) => ({ ...user, is_follow_requested_by: true }));
      return ofPeople({ ...answer, data: { users } });
    },
  } satisfies Source,
  mutedPeople: {
    key: listKey.mutedPeople,
    page: async (cursor: string | null) => ofPeople(await api.notifications.mutedPeople(cursor)),
  } satisfies Source,
  comments: (postId: string): Source => ({
    key: listKey.comments(postId),
    page: async (cursor) => ofComments(await api.comments.list(postId, cursor)),
  }),
  replies: (commentId: string): Source => ({
    key: listKey.replies(commentId),
    page: async (cursor) => ofComments(await api.comments.replies(commentId, cursor)),
  }),
  notifications: {
    key: listKey.notifications,
    page: async (cursor: string | null) => {
      const { data, page } = await api.notifications.list(cursor);
      return {
        ids: data.notifications.map((one) => one.notification_id),
        entities: { notifications: data.notifications },
        page,
      };
    },
  } satisfies Source,
  storyViewers: (storyId: string): Source => ({
    key: listKey.storyViewers(storyId),
    page: async (cursor) => {
      const { data, page } = await stories.viewers(storyId, cursor);
      const { viewers } = data;
      dispatch({ do: "stories", act: { is: "viewers", id: storyId, viewers } });
      return ofPeople({ data: { users: viewers }, page });
    },
  }),
  inbox: folder("inbox", listKey.inbox),
  messageRequests: folder("requests", listKey.messageRequests),
  thread: (conversationId: string): Source => ({
    key: listKey.thread(conversationId),
    page: async (cursor) => {
      await connected;
      return ofMessages(await api.messages.list(conversationId, cursor));
    },
  }),
  around: (conversationId: string, messageId: string): Source => ({
    key: listKey.around(conversationId, messageId),
    page: async (cursor) =>
      ofMessages(
        await (cursor
          ? api.messages.list(conversationId, cursor)
          : api.messages.around(conversationId, messageId)),
      ),
  }),
};
