import type {
  Ring,
  StoriesOf,
  Story,
  StoryResults,
  StoryViewer,
  TrayEntry,
  User,
} from "@/app/types";

/** Everything about stories. What is shown of a person's ring is here, wherever the face stands. */
export interface Stories {
  tray: "idle" | "loading" | "ready" | "failed";
  /** Something came by the socket while the tray was fetched: the answer may lack it. */
  stale: boolean;
  /** By user id: everybody whose ring is known. */
  people: Record<string, Teller>;
  /** User ids in the tray's order, without oneself: unseen first, then the newest. */
  order: string[];
  /** In full, by id, of the people one looked at. */
  stories: Record<string, Story>;
  /** A person's stories were fetched in full (by user id); false when that has to be done anew. */
  whole: Record<string, boolean>;
  /** When somebody looked at one's own, and what they felt: by `<story_id>:<username>`. */
  looks: Record<string, Look>;
}

export type Look = Pick<StoryViewer, "viewed_at" | "reaction">;

/** A person with stories. */
export interface Teller {
  user: User;
  ring: Ring;
  /** The live ones, oldest first. */
  ids: string[];
  seen: string[];
  /** Followed, so that they stand in the tray; others are known from their profile alone. */
  inTray: boolean;
}

export const NO_STORIES: Stories = {
  tray: "idle",
  stale: false,
  people: {},
  order: [],
  stories: {},
  whole: {},
  looks: {},
};

export const NO_RING: Ring = { has_stories: false, has_unseen: false, latest_at: null };

export type StoriesAct =
  | { is: "tray.loading" }
  | { is: "tray.failed" }
  | { is: "tray"; entries: TrayEntry[] }
  | { is: "of"; of: StoriesOf }
  | { is: "story"; story: Story }
  | { is: "seen"; id: string; userId: string }
  | { is: "gone"; id: string; userId: string }
  | { is: "react"; id: string; reaction: string | null }
  | { is: "answer"; id: string; stickerId: string; answer: number | string | null }
  | { is: "results"; id: string; stickerId: string; results: StoryResults }
  | { is: "viewers"; id: string; viewers: StoryViewer[] }
  | { is: "hidden"; userId: string };
