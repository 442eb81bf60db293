import {
  Archive,
  ArchiveRestore,
  Bell,
  BellOff,
  Bookmark,
  ExternalLink,
  Link2,
  MessageCircle,
  MessageCircleOff,
  Pencil,
  Trash2,
  UserMinus,
} from "lucide-react";
import { useEffect, useState } from "react";
import { useLocation } from "wouter";
import * as api from "@/api/operations";
import { m } from "@/app/messages";
import { PeopleList } from "@/parts/person/PeopleList";
import { copyAddress } from "@/stores/acts/copy";
import { setPostMuted } from "@/stores/acts/notices";
import { openOverlay } from "@/stores/acts/overlays";
import { destroy, setArchived, setCommentsDisabled } from "@/stores/acts/posts";
import { sources } from "@/stores/acts/sources";
import { useMe, useStore } from "@/stores/store";
import { ActionList, type Choice } from "@/ui/ActionList";
import { Confirm } from "@/ui/Confirm";
import { Sheet } from "@/ui/Sheet";

interface OfPost {
  postId: string;
  onClose: () => void;
}

/** Taken to be heard of until the server said otherwise. */
function usePostMuted(postId: string): boolean {
  const [muted, setMuted] = useState(false);
  useEffect(() => {
    let here = true;
    api.notifications
      .isPostMuted(postId)
      .then((is) => here && setMuted(is))
      .catch(() => {});
    return () => {
      here = false;
    };
  }, [postId]);
  return muted;
}

export function PostMenu({ postId, onClose }: OfPost) {
  const post = useStore((s) => s.posts[postId]);
  const follows = useStore((s) =>
    post ? s.relations[post.user.username]?.status === "following" : false,
  );
  const me = useMe();
  const muted = usePostMuted(postId);
  const [path, navigate] = useLocation();
  if (!post || !me) return null;
  const { username } = post.user;
  const archived = post.status === "archived";
  const choices: Choice[] = [];
  if (path !== `/p/${postId}`) {
    choices.push({
      label: m.post.goToPost,
      icon: <ExternalLink size={20} />,
      run: () => navigate(`/p/${postId}`),
    });
  }
  choices.push(
    {
      label: m.post.copyLink,
      icon: <Link2 size={20} />,
      run: () => void copyAddress(`/p/${postId}`),
    },
    {
      label: m.post.saveTo,
      icon: <Bookmark size={20} />,
      run: () => openOverlay({ is: "save", postId }),
    },
    {
      label: muted ? m.post.unmute : m.post.mute,
      icon: muted ? <Bell size={20} /> : <BellOff size={20} />,
      run: () => void setPostMuted(postId, !muted),
    },
  );
  if (username === me.username) {
    choices.push(
      {
        label: m.post.editCaption,
        icon: <Pencil size={20} />,
        run: () => openOverlay({ is: "post-edit", postId }),
      },
      {
        label: post.comments_disabled ? m.post.commentsOn : m.post.commentsOff,
        icon: post.comments_disabled ? <MessageCircle size={20} /> : <MessageCircleOff size={20} />,
        run: () => void setCommentsDisabled(postId, !post.comments_disabled),
      },
      {
        label: archived ? m.post.unarchive : m.post.archive,
        icon: archived ? <ArchiveRestore size={20} /> : <Archive size={20} />,
        run: () => void setArchived(postId, !archived),
      },
      {
        label: m.common.delete,
        icon: <Trash2 size={20} />,
        danger: true,
        run: () => openOverlay({ is: "post-delete", postId }),
      },
    );
  } else if (follows) {
    choices.push({
      label: m.post.unfollow(username),
      icon: <UserMinus size={20} />,
      danger: true,
      run: () => openOverlay({ is: "unfollow", username }),
    });
  }
  return <ActionList title={m.post.options} choices={choices} onClose={onClose} />;
}

export function DeletePost({ postId, onClose }: OfPost) {
  return (
    <Confirm
      title={m.post.deleteTitle}
      hint={m.post.deleteHint}
      yes={m.common.delete}
      onYes={() => void destroy(postId)}
      onClose={onClose}
    />
  );
}

export function LikesSheet({ postId, onClose }: OfPost) {
  return (
    <Sheet title={m.post.likesTitle} shape="tall" onClose={onClose}>
      <PeopleList source={sources.likes(postId)} onGo={onClose} />
    </Sheet>
  );
}
