import type { Conversation } from "@/app/types";
import { RingedFace } from "@/parts/story/RingedFace";
import { Avatar, type AvatarSize } from "@/ui/Avatar";
import style from "./Inbox.module.css";
import { othersOf } from "./names";

interface FacesProps {
  conversation: Conversation;
  myId: string;
  size?: AvatarSize;
}

const NOBODY = { username: "", full_name: "?", profile_picture: null };

/** Whom one talks with: a face, or the first two of a group. */
export function Faces({ conversation, myId, size = "normal" }: FacesProps) {
  const [one, two] = othersOf(conversation, myId);
  if (conversation.kind === "direct" || !two)
    return <RingedFace user={one ?? NOBODY} size={size} />;
  return (
    <span className={style.pair} data-size={size} aria-hidden="true">
      <Avatar user={two} size={size === "normal" ? "small" : "tiny"} />
      <Avatar user={one ?? NOBODY} size={size === "normal" ? "small" : "tiny"} />
    </span>
  );
}
