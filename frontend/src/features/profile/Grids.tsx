import { Archive, Camera, Lock, ShieldX } from "lucide-react";
import { m } from "@/app/messages";
import type { Profile } from "@/app/types";
import { PostGrid } from "@/parts/post/PostGrid";
import { useList } from "@/parts/useList";
import { openOverlay } from "@/stores/acts/overlays";
import { sources } from "@/stores/acts/sources";
import { STRANGER } from "@/stores/state";
import { useStore } from "@/stores/store";
import { Button } from "@/ui/Button";
import { Empty } from "@/ui/Empty";

function Private({ asked }: { asked: boolean }) {
  return (
    <Empty
      icon={<Lock size={30} />}
      title={m.profile.private}
      hint={asked ? m.profile.privateAsked : m.profile.privateHint}
    />
  );
}

export function PostsGrid({ profile, own }: { profile: Profile; own: boolean }) {
  const relation = useStore((s) => s.relations[profile.username] ?? STRANGER);
  const hidden =
    !own && (relation.blocked || (profile.is_private && relation.status !== "following"));
  const list = useList(sources.grid(profile.username), !hidden);
  if (relation.blocked) {
    return (
      <Empty
        icon={<ShieldX size={30} />}
        title={m.profile.blocked(profile.username)}
        hint={m.profile.blockedHint}
      />
    );
  }
  if (hidden || list.code === "account_private") {
    return <Private asked={relation.status === "requested"} />;
  }
  if (list.status === "ready" && list.ids.length === 0) {
    return own ? (
      <Empty icon={<Camera size={30} />} title={m.profile.emptyOwn} hint={m.profile.emptyOwnHint}>
        <Button look="primary" onClick={() => openOverlay({ is: "compose" })}>
          {m.nav.create}
        </Button>
      </Empty>
    ) : (
      <Empty icon={<Camera size={30} />} title={m.profile.empty} />
    );
  }
  return <PostGrid list={list} />;
}

export function ArchiveGrid() {
  const list = useList(sources.archive);
  if (list.status === "ready" && list.ids.length === 0) {
    return (
      <Empty
        icon={<Archive size={30} />}
        title={m.profile.emptyArchive}
        hint={m.profile.emptyArchiveHint}
      />
    );
  }
  return <PostGrid list={list} />;
}
