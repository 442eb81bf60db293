import { Ban, Bell, BellOff, MessageCircle, MessageCircleWarning, ShieldCheck } from "lucide-react";
import { m } from "@/app/messages";
import { PeopleList } from "@/parts/person/PeopleList";
import { openOverlay } from "@/stores/acts/overlays";
import {
  removeFollower,
  setBlocked,
  setMuted,
  setRestricted,
  unfollow,
} from "@/stores/acts/people";
import { sources } from "@/stores/acts/sources";
import { STRANGER } from "@/stores/state";
import { useMe, useStore } from "@/stores/store";
import { ActionList } from "@/ui/ActionList";
import { Avatar } from "@/ui/Avatar";
import { Button } from "@/ui/Button";
import { Confirm } from "@/ui/Confirm";
import { Sheet } from "@/ui/Sheet";

interface OfPerson {
  username: string;
  onClose: () => void;
}

export function ProfileMenu({ username, onClose }: OfPerson) {
  const { muted, blocked, restricted } = useStore((s) => s.relations[username] ?? STRANGER);
  return (
    <ActionList
      title={m.profile.options}
      onClose={onClose}
      choices={[
        {
          label: muted ? m.profile.unmute : m.profile.mute,
          icon: muted ? <Bell size={20} /> : <BellOff size={20} />,
          run: () => void setMuted(username, !muted),
        },
        {
          label: restricted ? m.profile.unrestrict : m.profile.restrict,
          icon: restricted ? <MessageCircle size={20} /> : <MessageCircleWarning size={20} />,
          run: () => void setRestricted(username, !restricted),
        },
        blocked
          ? {
              label: m.profile.unblock,
              icon: <ShieldCheck size={20} />,
              run: () => void setBlocked(username, false),
            }
          : {
              label: m.profile.block,
              icon: <Ban size={20} />,
              danger: true,
              run: () => openOverlay({ is: "block", username }),
            },
      ]}
    />
  );
}

export function UnfollowConfirm({ username, onClose }: OfPerson) {
  const user = useStore((s) => s.users[username]);
  const isPrivate = useStore((s) => s.profiles[username]?.is_private === true);
  return (
    <Confirm
      title={m.profile.unfollowTitle(username)}
      hint={isPrivate ? m.profile.unfollowPrivate : ""}
      yes={m.profile.unfollow}
      picture={user && <Avatar user={user} size="large" />}
      onYes={() => void unfollow(username)}
      onClose={onClose}
    />
  );
}

export function BlockConfirm({ username, onClose }: OfPerson) {
  return (
    <Confirm
      title={m.profile.blockTitle(username)}
      hint={m.profile.blockHint}
      yes={m.profile.block}
      onYes={() => void setBlocked(username, true)}
      onClose={onClose}
    />
  );
}

export function PeopleSheet(props: OfPerson & { which: "followers" | "following" }) {
  const { username, which, onClose } = props;
  const me = useMe();
  const own = me?.username === username && which === "followers";
  return (
    <Sheet
      title={which === "followers" ? m.profile.followersTitle : m.profile.followingTitle}
      shape="tall"
      onClose={onClose}
    >
      <PeopleList
        source={sources[which](username)}
        onGo={onClose}
        action={
          own
            ? (follower) => (
                <Button size="small" onClick={() => void removeFollower(follower)}>
                  {m.profile.removeFollower}
                </Button>
              )
            : undefined
        }
      />
    </Sheet>
  );
}
