import type { Conversation, Presence } from "@/app/types";
import { Present } from "@/parts/person/Present";
import { RingedFace } from "@/parts/story/RingedFace";
import { Avatar, type AvatarSize } from "@/ui/Avatar";
import style from "./Inbox.module.css";
import { othersOf } from "./names";

interface FacesProps {
  conversation: Conversation;
  myId: string;
  size?: AvatarSize & ("small" | "normal");
  /** Of the one person one talks with. */
  presence?: Presence | null;
}

const NOBODY = { username: "", full_name: "?", profile_picture: null };

/** Whom one talks with: a face, or the first two of a group. */
export function Faces({ conversation, myId, size = "normal", presence = null }: FacesProps) {
  const [one, two] = othersOf(conversation, myId);
  if (conversation.kind === "direct" || !two) {
    return (
      <Present is={presence} size={size}>
        <RingedFace user={one ?? NOBODY} size={size} />
      </Present>
    );
  }
  return (
    <span className={style.pair} data-size={size} aria-hidden="true">
      <Avatar user={two} size={size === "normal" ? "small" : "tiny"} />
      <Avatar user={one ?? NOBODY} size={size === "normal" ? "small" : "tiny"} />
    </span>
  );
}
