/** The operations of watching stories; those of making them stand beside it. */
import type { Message, StoriesOf, Story, StoryResults, StoryViewer, TrayEntry } from "@/app/types";
import type { Answer } from "./http";
import { get, post, remove } from "./session";
import { whole } from "./whole";

const name = encodeURIComponent;

/** What one did with a story since the last word about it. */
export interface StorySignal {
  story_id: string;
  impressions: number;
  forward: number;
  back: number;
  exits: number;
}

export const stories = {
  tray: () => whole<TrayEntry>("/stories/feed", "stories"),
  of: async (username: string): Promise<StoriesOf> => {
    const path = `/users/${name(username)}/stories`;
    const { data, page } = await get<StoriesOf>(path, { limit: 100 });
    const rest = page.next_cursor ? await whole<Story>(path, "stories", {}, page.next_cursor) : [];
    return { ...data, stories: [...data.stories, ...rest] };
  },
  get: async (id: string) => (await get<Story>(`/stories/${name(id)}`)).data,
  view: (id: string) => post<{ view_count: number }>(`/stories/${name(id)}/view`),
  signals: (signals: StorySignal[]) => post<{ noted: number }>("/stories/signals", { signals }),
  delete: (id: string) => remove(`/stories/${name(id)}`),
  viewers: (
    id: string,
    cursor: string | null,
  ): Promise<Answer<{ viewers: StoryViewer[]; view_count: number }>> =>
    get(`/stories/${name(id)}/viewers`, { cursor, limit: 30 }),
  react: (id: string, reaction: string) =>
    post<{ reaction: string }>(`/stories/${name(id)}/reactions`, { reaction }),
  unreact: (id: string) => remove(`/stories/${name(id)}/reactions`),
  answer: async (id: string, stickerId: string, answer: number | string) =>
    (
      await post<{ results: StoryResults }>(`/stories/${name(id)}/answers`, {
        sticker_id: stickerId,
        answer,
      })
    ).results,
  reply: (id: string, text: string, key: string) =>
    post<Message>(`/stories/${name(id)}/replies`, { text }, key),
  share: (id: string, to: string[], text: string, key: string) =>
    post<{ messages: Message[] }>(`/stories/${name(id)}/share`, { to, text }, key),
};
