/**
 * The words of the HTTP API as the app uses them, one place for all features.
 * The names follow the API exactly; a field marked optional is one only some answers carry.
 */

export interface User {
  user_id: string;
  username: string;
  full_name: string;
  profile_picture: string | null;
  is_verified: boolean;
}

export type FollowStatus = "none" | "requested" | "following";

/** A user in a list: the list adds what the reader needs to act on the row. */
export interface UserRow extends User {
  is_following?: boolean;
  follow_status?: FollowStatus;
  is_followed_by?: boolean;
  follower_count?: number;
}

export interface Profile extends User {
  bio: string;
  follower_count: number;
  following_count: number;
  post_count: number;
  is_private: boolean;
  is_following: boolean;
  is_followed_by: boolean;
  follow_status?: FollowStatus;
  is_follow_requested_by?: boolean;
  is_blocked?: boolean;
  is_muted?: boolean;
}

export interface Me extends Profile {
  email: string;
  privacy_level: "public" | "private";
  unread_notifications: number;
  pending_follow_requests: number;
}

export interface Credentials {
  user_id: string;
  username: string;
  access_token: string;
  refresh_token?: string;
}

export interface MediaSource {
  width: number;
  url: string;
  type: string;
}

export type MediaStatus = "pending" | "uploaded" | "processing" | "ready" | "failed";

export interface PersonTag {
  username: string;
  x: number;
  y: number;
}

export interface Media {
  media_id?: string;
  type: "photo" | "video";
  url: string | null;
  width: number | null;
  height: number | null;
  thumbhash: string | null;
  alt_text: string | null;
  sources: MediaSource[];
  tags?: PersonTag[];
  status?: MediaStatus;
  reason?: { code: string; message: string } | null;
}

export interface Place {
  name: string;
  lat?: number | null;
  lng?: number | null;
}

export interface Post {
  post_id: string;
  user: User;
  media: Media[];
  caption: string;
  hashtags: string[];
  location: Place | null;
  likes_count: number;
  comments_count: number;
  shares_count: number;
  is_liked: boolean;
  is_saved: boolean;
  created_at: string;
  edited_at: string | null;
  comments_disabled: boolean;
  audience: string;
  status: "pending" | "published" | "archived";
}

export interface Comment {
  comment_id: string;
  post_id: string;
  user: User;
  text: string;
  mentions?: string[];
  parent_comment_id: string | null;
  likes_count: number;
  replies_count: number;
  is_liked: boolean;
  created_at: string;
}

export type NotificationKind =
  | "like"
  | "comment"
  | "reply"
  | "mention"
  | "follow"
  | "follow_request"
  | "follow_accepted"
  | "tag"
  | "comment_like";

export interface Notification {
  notification_id: string;
  kind: NotificationKind;
  actors: User[];
  actor_count: number;
  post?: { post_id: string; thumbnail: string | null; thumbhash: string | null } | null;
  comment?: { comment_id: string; text: string } | null;
  is_read: boolean;
  created_at: string;
  updated_at: string;
}

export interface Collection {
  collection_id: string;
  name: string;
  count: number;
  cover: { post_id: string; thumbnail: string | null; thumbhash: string | null } | null;
}

export interface Device {
  session_id: string;
  device?: string | null;
  address?: string | null;
  created_at: string;
  last_used_at?: string | null;
  is_current?: boolean;
}

export interface UploadTicket {
  upload_url: string;
  media_key: string;
  media_id: string;
  expires_in: number;
  headers: Record<string, string>;
}

export interface NewPost {
  caption: string;
  media: { type: "photo"; url: string; alt_text?: string; tags?: PersonTag[] }[];
  location?: Place;
}

export interface Page {
  next_cursor: string | null;
  has_more: boolean;
}
