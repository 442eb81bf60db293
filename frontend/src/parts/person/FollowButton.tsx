import { m } from "@/app/messages";
import { openOverlay } from "@/stores/acts/overlays";
import { follow, setBlocked, unfollow } from "@/stores/acts/people";
import { STRANGER } from "@/stores/state";
import { useMe, useStore } from "@/stores/store";
import { Button } from "@/ui/Button";

interface FollowButtonProps {
  username: string;
  size?: "small" | "normal";
  wide?: boolean;
  look?: "primary" | "soft";
}

/** Every way one can stand to a person, as the one act that fits. */
export function FollowButton({
  username,
  size = "small",
  wide,
  look = "primary",
}: FollowButtonProps) {
  const relation = useStore((s) => s.relations[username] ?? STRANGER);
  const me = useMe();
  if (!me || me.username === username) return null;
  const shape = { size, wide };
  if (relation.blocked) {
    return (
      <Button {...shape} onClick={() => void setBlocked(username, false)}>
        {m.profile.unblock}
      </Button>
    );
  }
  if (relation.status === "following") {
    return (
      <Button {...shape} onClick={() => openOverlay({ is: "unfollow", username })}>
        {m.profile.followingState}
      </Button>
    );
  }
  if (relation.status === "requested") {
    return (
      <Button {...shape} onClick={() => void unfollow(username)} title={m.profile.cancelRequest}>
        {m.profile.requested}
      </Button>
    );
  }
  return (
    <Button {...shape} look={look} onClick={() => void follow(username)}>
      {relation.followsMe ? m.profile.followBack : m.profile.follow}
    </Button>
  );
}
