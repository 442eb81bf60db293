import type { Problem } from "@/api/errors";
import type { Me, Post, Presence, Profile } from "@/app/types";
import type { EventMessage, LiveMessage } from "@/socket";
import type {
  Draft,
  Entities,
  Link,
  Overlay,
  Preview,
  RelationPatch,
  ShownComment,
  Telling,
  Toast,
} from "./state";
import type { StoriesAct } from "./stories/state";
import type { TalkAct } from "./talk/state";

/** All that can happen to the state, from a person's hand or from the server. */
export type Action =
  | { do: "session.in"; me: Me }
  | { do: "session.out"; ended: boolean }
  | { do: "me"; patch: Partial<Me> }
  | { do: "link"; is: Link["is"] }
  | { do: "presence"; userId: string; is: Presence | null }
  | { do: "link.queued"; queued: number }
  | { do: "list.loading"; key: string }
  | { do: "list.failed"; key: string; problem: Problem; code: string | null }
  | { do: "list.drop"; key: string }
  | { do: "list.remove"; key: string; id: string }
  | {
      do: "list.page";
      key: string;
      ids: string[];
      cursor: string | null;
      hasMore: boolean;
      entities: Entities;
      how: "replace" | "append" | "prepend";
      newer?: string | null;
    }
  | { do: "entities"; entities: Entities }
  | { do: "post.patch"; id: string; patch: Partial<Post> }
  | { do: "post.like"; id: string; liked: boolean }
  | { do: "post.gone"; id: string }
  | { do: "feed.arrive"; posts: Post[]; show: boolean }
  | { do: "feed.show" }
  | { do: "feed.without"; username: string }
  | { do: "comment.put"; comment: ShownComment; replaces?: string; counted: boolean }
  | { do: "comment.patch"; id: string; patch: Partial<ShownComment> }
  | { do: "comment.like"; id: string; liked: boolean }
  | { do: "comment.gone"; id: string; postId: string; counted: boolean }
  | { do: "relation"; username: string; patch: RelationPatch }
  | { do: "profile.patch"; username: string; patch: Partial<Profile> }
  | { do: "notifications.read"; ids: string[] | null; unread: number }
  | { do: "unread"; unread: number }
  | { do: "draft.put"; draft: Draft }
  | { do: "draft.patch"; id: string; patch: Partial<Draft> }
  | { do: "draft.gone"; id: string }
  | { do: "draft.real"; id: string; post: Post; previews: Preview[] }
  | { do: "telling.put"; telling: Telling }
  | { do: "telling.patch"; id: string; patch: Partial<Telling> }
  | { do: "telling.gone"; id: string }
  | { do: "overlay.open"; overlay: Overlay }
  | { do: "overlay.close" }
  | { do: "overlay.closeAll" }
  | { do: "toast"; toast: Toast }
  | { do: "toast.gone"; id: string }
  | { do: "talk"; act: TalkAct }
  | { do: "stories"; act: StoriesAct }
  | { do: "event"; event: EventMessage; showPosts: boolean }
  | { do: "live"; message: LiveMessage };
