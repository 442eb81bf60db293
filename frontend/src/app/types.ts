/**
 * The things of the API by the names the app uses. They are the generated types, made narrower
 * where the server writes a plain string and the screens know its few values.
 */
import type { components, operations } from "@/api.gen";
import type { TopicData } from "@/protocol.gen";

type Schemas = components["schemas"];

/** The `data` of an operation's successful answer. */
type Data<Name extends keyof operations> =
  operations[Name]["responses"] extends Record<
    200,
    { content: { "application/json": { data: infer Found } } }
  >
    ? Found
    : operations[Name]["responses"] extends Record<
          201,
          { content: { "application/json": { data: infer Made } } }
        >
      ? Made
      : never;

type But<Base, Narrow> = Omit<Base, keyof Narrow> & Narrow;

export type User = Schemas["UserView"];
export type FollowStatus = "none" | "requested" | "following";

/** A user in a list: what a list adds depends on the list. */
export interface UserRow extends User {
  is_following?: boolean;
  follow_status?: FollowStatus;
  is_followed_by?: boolean;
  is_follow_requested_by?: boolean;
  follower_count?: number;
}

export type Profile = Data<"users.get">;
export type Me = Data<"users.me">;
export type Credentials = Omit<Data<"POST /users/login">, "refresh_token">;

export type MediaStatus = "pending" | "uploaded" | "processing" | "ready" | "failed";
export type PersonTag = Omit<Schemas["TagView"], "user_id">;
export type Media = But<
  Schemas["PostMediaView"],
  { media_id?: string; type: "photo" | "video"; status?: MediaStatus; tags?: PersonTag[] }
>;
export type Post = But<
  Schemas["PostView"],
  { media: Media[]; status: "pending" | "published" | "archived" }
>;
export type Comment = But<Schemas["CommentView"], { mentions?: string[]; is_held?: boolean }>;

export type NotificationKind =
  | "like"
  | "comment"
  | "reply"
  | "mention"
  | "follow"
  | "follow_request"
  | "follow_accepted"
  | "tag"
  | "share"
  | "message"
  | "comment_like"
  | "story_reaction"
  | "story_mention";
export type Notification = But<Schemas["NotificationView"], { kind: NotificationKind }>;

export type Member = Schemas["MemberView"];
export type Conversation = Schemas["ConversationView"];
export type SharedPost = Schemas["SharedPostView"];
export type Quote = Schemas["QuoteView"];
export type Message = But<Schemas["MessageView"], { media: Media | null }>;
export type ThreadPage = But<Data<"messages.list">, { messages: Message[] }>;
export type Found = Data<"messages.search">;
export type Hit = Found["messages"][number];
export type Folder = "inbox" | "requests";

export type Presence = TopicData["presence:{user_id}"]["presence"];
export type Preferences = Data<"notifications.preferences">;
export type Channel = keyof Preferences["kinds"]["like"];
export type MutedPost = Schemas["MutedPost"];
export type Story = But<Schemas["StoryView"], { media: Media; media_type: "photo" | "video" }>;
export type StoryOverlay = Schemas["OverlayView"];
export type StorySticker = Schemas["StickerView"];
export type StoryResults = Schemas["ResultsView"];
export type StoryQuote = Schemas["StoryQuoteView"];
export type TrayEntry = Schemas["TrayEntry"];
export type Ring = Schemas["RingView"];
export type StoriesOf = Omit<But<Data<"stories.of">, { stories: Story[] }>, "pagination">;
export type StoryAnswer = Schemas["AnswerView"];
export type StoryViewer = Schemas["ViewerView"];

export type Collection = Schemas["CollectionView"];
export type Device = Schemas["Device"];
export type UploadTicket = Data<"media.upload_url">;
export type UploadInParts = Data<"media.multipart">;
export type UploadPart = Schemas["Part"];

export interface NewPost {
  caption: string;
  media: { type: "photo" | "video"; url: string; alt_text?: string; tags?: PersonTag[] }[];
  location?: { name: string };
  audience?: string;
}

export interface Page {
  next_cursor: string | null;
  has_more: boolean;
}

type StoryRequest = operations["stories.create"]["requestBody"]["content"]["application/json"];
export type NewStory = StoryRequest;
/** What can lie over a story's picture, as it is sent. */
export type NewOverlay = NonNullable<StoryRequest["overlays"]>[number];
export type NewSticker = NonNullable<StoryRequest["stickers"]>[number];
export type Insights = Data<"stories.insights">;
export type HighlightRow = Schemas["HighlightRow"];
export type Highlight = But<Data<"highlights.get">, { stories: Story[] }>;
export type AudienceListRow = Schemas["ListRow"];
export type AudienceList = But<Data<"lists.get">, { users: UserRow[] }>;
