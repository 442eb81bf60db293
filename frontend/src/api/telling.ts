/** The operations of making stories, of keeping them, and of whom they are for. */
import type {
  AudienceList,
  AudienceListRow,
  Highlight,
  HighlightRow,
  Insights,
  NewStory,
  Story,
  StoryAnswer,
  UserRow,
} from "@/app/types";
import type { Answer } from "./http";
import { get, post, put, remove } from "./session";
import { whole } from "./whole";

interface Answers {
  answers: StoryAnswer[];
}

const name = encodeURIComponent;
type Cursor = string | null;

export const telling = {
  create: (what: NewStory, key: string) => post<Story>("/stories", what, key),
  repost: (id: string, what: Pick<NewStory, "audience" | "overlays">, key: string) =>
    post<Story>(`/stories/${name(id)}/repost`, what, key),
  shown: async (id: string) => (await get<Story>(`/stories/${name(id)}`)).data,
  take: (id: string) => remove(`/stories/${name(id)}`),
  live: (username: string) => whole<Story>(`/users/${name(username)}/stories`, "stories"),
  archive: (cursor: Cursor, limit = 24): Promise<Answer<{ stories: Story[] }>> =>
    get("/me/stories/archive", { cursor, limit }),
  forget: (id: string) => remove(`/me/stories/archive/${name(id)}`),
  /** What people wrote to a question on one's own story, newest first. */
  answers: (id: string, sticker_id: string, cursor: Cursor): Promise<Answer<Answers>> =>
    get(`/stories/${name(id)}/answers`, { sticker_id, cursor }),
  insights: async (id: string) => (await get<Insights>(`/stories/${name(id)}/insights`)).data,
};

export const highlights = {
  of: (username: string, q = "") =>
    whole<HighlightRow>(`/users/${name(username)}/highlights`, "highlights", { q }),
  get: async (id: string) => (await get<Highlight>(`/highlights/${name(id)}`)).data,
  create: (what: { name: string; story_ids: string[]; cover?: string }, key: string) =>
    post<Highlight>("/highlights", what, key),
  update: (
    id: string,
    change: { name?: string; story_ids?: string[]; cover?: string; place?: number },
  ) => put<Highlight>(`/highlights/${name(id)}`, change),
  delete: (id: string) => remove(`/highlights/${name(id)}`),
};

const FRIENDS_AT_ONCE = 100;

interface Members {
  users: UserRow[];
}

/** Close friends and lists: the two are changed alike, so they are called alike. */
export const audiences = {
  friends: (cursor: Cursor): Promise<Answer<Members>> =>
    get("/me/close-friends", { cursor, limit: FRIENDS_AT_ONCE }),
  changeFriends: (change: { add?: string[]; remove?: string[] }) =>
    put<Members>("/me/close-friends", change),
  lists: () => whole<AudienceListRow>("/me/lists", "lists"),
  list: (id: string, cursor: Cursor): Promise<Answer<AudienceList>> =>
    get(`/me/lists/${name(id)}`, { cursor, limit: FRIENDS_AT_ONCE }),
  create: (title: string, usernames: string[], key: string) =>
    post<AudienceList>("/me/lists", { name: title, usernames }, key),
  change: (id: string, change: { name?: string; add?: string[]; remove?: string[] }) =>
    put<AudienceList>(`/me/lists/${name(id)}`, change),
  delete: (id: string) => remove(`/me/lists/${name(id)}`),
};
