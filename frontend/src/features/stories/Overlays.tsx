import {
  BellOff,
  ChartNoAxesColumn,
  CircleFadingPlus,
  Link2,
  Repeat2,
  Send,
  Trash2,
} from "lucide-react";
import { useLocation } from "wouter";
import { m } from "@/app/messages";
import type { Story } from "@/app/types";
import { copyAddress } from "@/stores/acts/copy";
import { openOverlay } from "@/stores/acts/overlays";
import { setMuted } from "@/stores/acts/people";
import { deleteStory } from "@/stores/acts/stories";
import { useMe, useStore } from "@/stores/store";
import { ActionList, type Choice } from "@/ui/ActionList";
import { Confirm } from "@/ui/Confirm";

interface OfStory {
  storyId: string;
  onClose: () => void;
}

function useStory(id: string): Story | undefined {
  return useStore((s) => s.stories.stories[id]);
}

export function StoryMenu({ storyId, onClose }: OfStory) {
  const story = useStory(storyId);
  const me = useMe();
  const [, navigate] = useLocation();
  if (!story || !me) return null;
  const { username } = story.user;
  const own = story.user_id === me.user_id;
  const choices: Choice[] = [
    {
      label: m.stories.share,
      icon: <Send size={20} />,
      run: () => openOverlay({ is: "send-story", storyId }),
    },
    {
      label: m.post.copyLink,
      icon: <Link2 size={20} />,
      run: () => void copyAddress(`/stories/${username}/${storyId}`),
    },
  ];
  if (own) {
    choices.push(
      {
        label: m.stories.insights,
        icon: <ChartNoAxesColumn size={20} />,
        run: () => navigate(`/stories/${storyId}/insights`),
      },
      {
        label: m.telling.archive.highlight,
        icon: <CircleFadingPlus size={20} />,
        run: () => openOverlay({ is: "highlight-edit", id: null, storyId }),
      },
      {
        label: m.stories.delete,
        icon: <Trash2 size={20} />,
        danger: true,
        run: () => openOverlay({ is: "story-delete", storyId }),
      },
    );
  } else {
    if (story.allow_repost && !story.reposted_from) {
      choices.push({
        label: m.stories.repost,
        icon: <Repeat2 size={20} />,
        run: () => navigate(`/stories/new?again=${storyId}`),
      });
    }
    choices.push({
      label: m.stories.muted(username),
      icon: <BellOff size={20} />,
      danger: true,
      run: () => void setMuted(username, true),
    });
  }
  return <ActionList title={m.stories.options} choices={choices} onClose={onClose} />;
}

export function DeleteStory({ storyId, onClose }: OfStory) {
  const story = useStory(storyId);
  if (!story) return null;
  return (
    <Confirm
      title={m.stories.deleteTitle}
      hint={m.stories.deleteHint}
      yes={m.stories.delete}
      onYes={() => void deleteStory(story)}
      onClose={onClose}
    />
  );
}
