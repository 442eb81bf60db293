import { Archive, Bookmark, Grid3x3, UserX } from "lucide-react";
import { type ReactNode, useEffect } from "react";
import { Link } from "wouter";
import { m } from "@/app/messages";
import { HighlightsRow } from "@/parts/highlight/HighlightsRow";
import { useMe } from "@/stores/store";
import { classes } from "@/ui/classes";
import { Empty, Failure } from "@/ui/Empty";
import { ArchiveKinds } from "./ArchiveKinds";
import { ArchiveGrid, PostsGrid } from "./Grids";
import style from "./Profile.module.css";
import { ProfileHeader, ProfileHeaderSkeleton } from "./ProfileHeader";
import { SavedTab } from "./SavedTab";
import { StoryArchive } from "./StoryArchive";
import { useProfile } from "./useProfile";

export type ProfileTab = "posts" | "saved" | "archive" | "story-archive";

interface ProfileScreenProps {
  username: string;
  tab: ProfileTab;
  collection?: string;
}

function Tab(props: { to: string; on: boolean; icon: ReactNode; label: string }) {
  return (
    <Link
      href={props.to}
      replace
      className={classes(style.tab, props.on && style.on)}
      aria-current={props.on ? "page" : undefined}
    >
      {props.icon}
      {props.label}
    </Link>
  );
}

export function ProfileScreen({ username, tab, collection }: ProfileScreenProps) {
  const me = useMe();
  const { profile, gone, problem, retry } = useProfile(username);
  const own = me?.username === username;
  const title = profile?.full_name || username;

  useEffect(() => {
    document.title = `${title} · ${m.app.name}`;
    window.scrollTo(0, 0);
  }, [title]);

  if (gone) {
    return (
      <Empty page icon={<UserX size={30} />} title={m.profile.gone} hint={m.profile.goneHint} />
    );
  }
  if (problem && !profile) return <Failure {...problem} onRetry={retry} />;
  const base = `/u/${username}`;
  return (
    <div className={style.profile}>
      {profile ? <ProfileHeader profile={profile} own={own} /> : <ProfileHeaderSkeleton />}
      {profile && tab === "posts" && <HighlightsRow profile={profile} own={own} />}
      {own && (
        <nav className={style.tabs} aria-label={m.profile.tabs.posts}>
          <Tab
            to={base}
            on={tab === "posts"}
            icon={<Grid3x3 size={16} />}
            label={m.profile.tabs.posts}
          />
          <Tab
            to={`${base}/saved`}
            on={tab === "saved"}
            icon={<Bookmark size={16} />}
            label={m.profile.tabs.saved}
          />
          <Tab
            to={`${base}/archive`}
            on={tab === "archive" || tab === "story-archive"}
            icon={<Archive size={16} />}
            label={m.profile.tabs.archive}
          />
        </nav>
      )}
      {own && tab === "saved" ? (
        <SavedTab base={`${base}/saved`} collection={collection ?? null} />
      ) : own && (tab === "archive" || tab === "story-archive") ? (
        <>
          <ArchiveKinds base={`${base}/archive`} stories={tab === "story-archive"} />
          {tab === "archive" ? <ArchiveGrid /> : <StoryArchive />}
        </>
      ) : (
        profile && <PostsGrid profile={profile} own={own} />
      )}
    </div>
  );
}
