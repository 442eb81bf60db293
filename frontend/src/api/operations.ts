/** Every operation the app calls, by name. Paths are written here and nowhere else. */
import type {
  Channel,
  Collection,
  Comment,
  Conversation,
  Device,
  Folder,
  FollowStatus,
  Found,
  Me,
  Message,
  MutedPost,
  NewPost,
  Notification,
  NotificationKind,
  Post,
  Preferences,
  Profile,
  ThreadPage,
  UploadInParts,
  UploadPart,
  UploadTicket,
  UserRow,
} from "@/app/types";
import type { Answer } from "./http";
import { get, post, put, remove } from "./session";
import { whole } from "./whole";

type Cursor = string | null;
export type Posts = Answer<{ posts: Post[] }>;
export type People = Answer<{ users: UserRow[] }>;
export interface Preferred {
  kinds?: Partial<Record<NotificationKind, Partial<Record<Channel, boolean>>>>;
  digest?: Preferences["digest"];
}
export type Comments = Answer<{ comments: Comment[] }>;

const name = encodeURIComponent;

export const users = {
  me: async () => (await get<Me>("/users/me")).data,
  get: async (username: string) => (await get<Profile>(`/users/${name(username)}`)).data,
  update: (
    username: string,
    change: {
      full_name?: string;
      bio?: string;
      profile_picture?: string | null;
      privacy_level?: "public" | "private";
    },
  ) => put<Me>(`/users/${name(username)}`, change),
  followers: (username: string, cursor: Cursor): Promise<People> =>
    get(`/users/${name(username)}/followers`, { cursor, limit: 30 }),
  following: (username: string, cursor: Cursor): Promise<People> =>
    get(`/users/${name(username)}/following`, { cursor, limit: 30 }),
  search: (q: string): Promise<People> => get("/users/search", { q, limit: 8 }),
  suggestions: (limit: number): Promise<People> => get("/users/suggestions", { limit }),
  follow: (username: string) =>
    post<{ username: string; status: FollowStatus }>(`/users/${name(username)}/follow`),
  unfollow: (username: string) =>
    remove<{ username: string; status: FollowStatus }>(`/users/${name(username)}/follow`),
  removeFollower: (username: string) => remove(`/users/${name(username)}/follower`),
  block: (username: string) => post<void>(`/users/${name(username)}/block`),
  unblock: (username: string) => remove(`/users/${name(username)}/block`),
  restrict: (username: string) => post<void>(`/users/${name(username)}/restrict`),
  unrestrict: (username: string) => remove(`/users/${name(username)}/restrict`),
  mute: (username: string) => post<void>(`/users/${name(username)}/mute`),
  unmute: (username: string) => remove(`/users/${name(username)}/mute`),
};

export const requests = {
  list: (cursor: Cursor): Promise<People> => get("/follow-requests", { cursor, limit: 30 }),
  accept: (username: string) => post<void>(`/follow-requests/${name(username)}/accept`),
  decline: (username: string) => post<void>(`/follow-requests/${name(username)}/decline`),
};

export const feed = {
  home: (cursor: Cursor, limit = 12): Promise<Posts> => get("/feed/home", { cursor, limit }),
  user: (username: string, cursor: Cursor): Promise<Posts> =>
    get(`/feed/user/${name(username)}`, { cursor, limit: 24 }),
};

export const posts = {
  create: (what: NewPost, key: string) => post<Post>("/posts", what, key),
  get: async (id: string) => (await get<Post>(`/posts/${name(id)}`)).data,
  update: (id: string, change: { caption?: string; comments_disabled?: boolean }) =>
    put<Post>(`/posts/${name(id)}`, change),
  delete: (id: string) => remove(`/posts/${name(id)}`),
  archive: (id: string) => post<void>(`/posts/${name(id)}/archive`),
  unarchive: (id: string) => post<void>(`/posts/${name(id)}/unarchive`),
  archived: (cursor: Cursor): Promise<Posts> => get("/posts/archived", { cursor, limit: 24 }),
  like: (id: string, key: string) =>
    post<{ likes_count: number }>(`/posts/${name(id)}/like`, undefined, key),
  unlike: (id: string) => remove<{ likes_count: number }>(`/posts/${name(id)}/like`),
  likes: (id: string, cursor: Cursor): Promise<People> =>
    get(`/posts/${name(id)}/likes`, { cursor, limit: 30 }),
  save: (id: string, collectionId?: string) =>
    post<void>(`/posts/${name(id)}/save`, collectionId ? { collection_id: collectionId } : {}),
  unsave: (id: string) => remove(`/posts/${name(id)}/save`),
};

export const comments = {
  list: (postId: string, cursor: Cursor): Promise<Comments> =>
    get(`/posts/${name(postId)}/comments`, { cursor, limit: 20 }),
  replies: (id: string, cursor: Cursor): Promise<Comments> =>
    get(`/comments/${name(id)}/replies`, { cursor, limit: 20 }),
  create: (postId: string, text: string, parent: string | null, key: string) =>
    post<Comment>(
      `/posts/${name(postId)}/comments`,
      parent ? { text, parent_comment_id: parent } : { text },
      key,
    ),
  like: (id: string, key: string) =>
    post<{ likes_count: number }>(`/comments/${name(id)}/like`, undefined, key),
  unlike: (id: string) => remove<{ likes_count: number }>(`/comments/${name(id)}/like`),
  delete: (id: string) => remove(`/comments/${name(id)}`),
  approve: (id: string) => post<Comment>(`/comments/${name(id)}/approve`),
};

export const collections = {
  list: () => whole<Collection>("/collections", "collections"),
  /** Without an id: everything that was saved. */
  get: (id: string | null, cursor: Cursor): Promise<Posts> =>
    get(id ? `/collections/${name(id)}` : "/posts/saved", { cursor, limit: 24 }),
  create: (title: string) => post<Collection>("/collections", { name: title }),
};

export const notifications = {
  list: (cursor: Cursor): Promise<Answer<{ notifications: Notification[]; unread: number }>> =>
    get("/notifications", { cursor, limit: 30 }),
  readAll: () => post<{ unread: number }>("/notifications/read", {}),
  preferences: async () => (await get<Preferences>("/notifications/preferences")).data,
  prefer: (change: Preferred) => put<Preferences>("/notifications/preferences", change),
  isPostMuted: async (id: string) =>
    (await get<{ is_muted: boolean }>(`/posts/${name(id)}/mute`)).data.is_muted,
  mutePost: (id: string) => post<void>(`/posts/${name(id)}/mute`),
  unmutePost: (id: string) => remove(`/posts/${name(id)}/mute`),
  mutedPosts: (cursor: Cursor): Promise<Answer<{ posts: MutedPost[] }>> =>
    get("/me/muted-posts", { cursor, limit: 30 }),
  mutedPeople: (cursor: Cursor): Promise<People> => get("/me/muted", { cursor, limit: 30 }),
};

/** What a browser is pushed to by; `PushSubscription.toJSON()`. */
export const push = {
  key: async () => (await get<{ key: string | null }>("/push/key")).data.key,
  subscribe: (subscription: PushSubscriptionJSON) =>
    post<void>("/push/subscriptions", subscription),
  unsubscribe: () => remove("/push/subscriptions"),
};

export const presence = {
  get: async () => (await get<{ visible: boolean }>("/me/presence")).data,
  update: (visible: boolean) => put<{ visible: boolean }>("/me/presence", { visible }),
};

export const sessions = {
  list: () => whole<Device>("/auth/sessions", "sessions"),
  revoke: (id: string) => remove(`/auth/sessions/${name(id)}`),
  revokeOthers: () => remove("/auth/sessions"),
};

export const media = {
  uploadUrl: (fileType: string, fileSize: number) =>
    post<UploadTicket>("/media/upload-url", { file_type: fileType, file_size: fileSize }),
  complete: (id: string) => post<{ status: string }>(`/media/${name(id)}/complete`),
  retry: (id: string) => post<{ status: string }>(`/media/${name(id)}/retry`),
  get: async (id: string) =>
    (await get<{ status: string; reason?: string; percent?: number }>(`/media/${name(id)}`)).data,
  inParts: {
    begin: (fileType: string, fileSize: number, key: string) =>
      post<UploadInParts>("/media/multipart", { file_type: fileType, file_size: fileSize }, key),
    links: (id: string, numbers: number[]) =>
      post<{ parts: UploadPart[]; done: number[] }>(`/media/multipart/${name(id)}/parts`, {
        part_numbers: numbers,
      }),
    complete: (id: string) => post<void>(`/media/multipart/${name(id)}/complete`),
    abort: (id: string) => post<void>(`/media/multipart/${name(id)}/abort`),
  },
};

export interface Said {
  text: string;
  media_key?: string;
  post_id?: string;
  reply_to?: string;
  /** Comes back with the message, so that what was shown meanwhile is known to be it. */
  ref: string;
}

export interface Inbox {
  conversations: Conversation[];
  unread: number;
  requests: number;
}

export const conversations = {
  list: (folder: Folder, cursor: Cursor): Promise<Answer<Inbox>> =>
    get("/conversations", { folder, cursor, limit: 25 }),
  get: async (id: string) => (await get<Conversation>(`/conversations/${name(id)}`)).data,
  create: (usernames: string[], title: string | null, key: string) =>
    post<Conversation>(
      "/conversations",
      title === null ? { usernames } : { usernames, name: title },
      key,
    ),
  rename: (id: string, title: string) =>
    put<Conversation>(`/conversations/${name(id)}`, { name: title }),
  leave: (id: string) => remove(`/conversations/${name(id)}`),
  accept: (id: string) => post<Conversation>(`/conversations/${name(id)}/accept`),
  decline: (id: string) => post<void>(`/conversations/${name(id)}/decline`),
  add: (id: string, usernames: string[]) =>
    post<Conversation>(`/conversations/${name(id)}/members`, { usernames }),
  setAdmin: (id: string, username: string, admin: boolean) =>
    put<Conversation>(`/conversations/${name(id)}/members/${name(username)}`, { is_admin: admin }),
  remove: (id: string, username: string) =>
    remove<Conversation>(`/conversations/${name(id)}/members/${name(username)}`),
  read: (id: string, messageId: string) =>
    post<{ unread: number; unread_total: number }>(`/conversations/${name(id)}/read`, {
      message_id: messageId,
    }),
  typing: (id: string) => post<void>(`/conversations/${name(id)}/typing`),
};

export const messages = {
  list: (id: string, cursor: Cursor): Promise<Answer<ThreadPage>> =>
    get(`/conversations/${name(id)}/messages`, { cursor, limit: 40 }),
  around: (id: string, messageId: string): Promise<Answer<ThreadPage>> =>
    get(`/conversations/${name(id)}/messages`, { around: messageId, limit: 40 }),
  search: (q: string, within: string | null, cursor: Cursor): Promise<Answer<Found>> =>
    get("/messages/search", { q, conversation_id: within, cursor, limit: 20 }),
  create: (conversationId: string, said: Said, key: string) =>
    post<Message>(`/conversations/${name(conversationId)}/messages`, said, key),
  get: async (id: string) => (await get<Message>(`/messages/${name(id)}`)).data,
  edit: (id: string, text: string) => put<Message>(`/messages/${name(id)}`, { text }),
  unsend: (id: string) => remove(`/messages/${name(id)}`),
  react: (id: string, emoji: string) => post<Message>(`/messages/${name(id)}/reactions`, { emoji }),
  unreact: (id: string) => remove<Message>(`/messages/${name(id)}/reactions`),
  share: (postId: string, to: string[], text: string, key: string) =>
    post<{ shares_count: number; messages: Message[] }>(
      `/posts/${name(postId)}/share`,
      { to, text },
      key,
    ),
};
