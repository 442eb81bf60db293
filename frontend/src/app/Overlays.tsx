import { Suspense } from "react";
import { useLocation } from "wouter";
import { ConversationSheet } from "@/features/messages/ConversationSheet";
import { AddMembers, NewMessage, SendPost, SendStory } from "@/features/messages/Sheets";
import { DeletePost, LikesSheet, PostMenu } from "@/features/post/Overlays";
import {
  BlockConfirm,
  PeopleSheet,
  ProfileMenu,
  UnfollowConfirm,
} from "@/features/profile/Overlays";
import { CommentsSheet } from "@/parts/comment/CommentsSheet";
import { TellingSheet } from "@/parts/telling/TellingSheet";
import { closeOverlay } from "@/stores/acts/overlays";
import type { Overlay } from "@/stores/state";
import { useStore } from "@/stores/store";
import { CreateMenu } from "./CreateMenu";
import { KeysSheet } from "./KeysSheet";
import { lazily } from "./lazily";

const Composer = lazily(() => import("@/features/composer/Composer").then((file) => file.Composer));
const EditCaption = lazily(() =>
  import("@/features/post/EditCaption").then((file) => file.EditCaption),
);
const SaveSheet = lazily(() => import("@/features/post/SaveSheet").then((file) => file.SaveSheet));
const EditProfile = lazily(() =>
  import("@/features/profile/EditProfile").then((file) => file.EditProfile),
);
const HighlightSheet = lazily(() =>
  import("@/features/highlights/HighlightSheet").then((file) => file.HighlightSheet),
);

const StoryMenu = lazily(() =>
  import("@/features/stories/Overlays").then((file) => file.StoryMenu),
);
const DeleteStory = lazily(() =>
  import("@/features/stories/Overlays").then((file) => file.DeleteStory),
);
const ViewersSheet = lazily(() =>
  import("@/features/stories/ViewersSheet").then((file) => file.ViewersSheet),
);

function Shown({ overlay }: { overlay: Overlay }) {
  const [, navigate] = useLocation();
  const onClose = closeOverlay;
  switch (overlay.is) {
    case "comments":
      return <CommentsSheet postId={overlay.postId} onClose={onClose} />;
    case "likes":
      return <LikesSheet postId={overlay.postId} onClose={onClose} />;
    case "post-menu":
      return <PostMenu postId={overlay.postId} onClose={onClose} />;
    case "post-edit":
      return <EditCaption postId={overlay.postId} onClose={onClose} />;
    case "post-delete":
      return <DeletePost postId={overlay.postId} onClose={onClose} />;
    case "save":
      return <SaveSheet postId={overlay.postId} onClose={onClose} />;
    case "people":
      return <PeopleSheet username={overlay.username} which={overlay.which} onClose={onClose} />;
    case "profile-menu":
      return <ProfileMenu username={overlay.username} onClose={onClose} />;
    case "unfollow":
      return <UnfollowConfirm username={overlay.username} onClose={onClose} />;
    case "block":
      return <BlockConfirm username={overlay.username} onClose={onClose} />;
    case "profile-edit":
      return <EditProfile onClose={onClose} />;
    case "create":
      return <CreateMenu onClose={onClose} />;
    case "telling":
      return <TellingSheet onClose={onClose} />;
    case "highlight-edit":
      return <HighlightSheet id={overlay.id} storyId={overlay.storyId} onClose={onClose} />;
    case "compose":
      return (
        <Composer
          files={overlay.files}
          onClose={onClose}
          onShared={() => {
            onClose();
            navigate("/");
            window.scrollTo(0, 0);
          }}
        />
      );
    case "send-post":
      return <SendPost postId={overlay.postId} onClose={onClose} />;
    case "send-story":
      return <SendStory storyId={overlay.storyId} onClose={onClose} />;
    case "story-menu":
      return <StoryMenu storyId={overlay.storyId} onClose={onClose} />;
    case "story-delete":
      return <DeleteStory storyId={overlay.storyId} onClose={onClose} />;
    case "story-viewers":
      return <ViewersSheet storyId={overlay.storyId} onClose={onClose} />;
    case "new-message":
      return <NewMessage onClose={onClose} />;
    case "conversation":
      return <ConversationSheet id={overlay.id} onClose={onClose} />;
    case "add-members":
      return <AddMembers id={overlay.id} onClose={onClose} />;
    case "keys":
      return <KeysSheet onClose={onClose} />;
  }
}

export function Overlays() {
  const overlays = useStore((s) => s.overlays);
  return overlays.map((overlay, place) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: sheets stack, so the place is the identity.
    <Suspense key={`${place}${overlay.is}`}>
      <Shown overlay={overlay} />
    </Suspense>
  ));
}
