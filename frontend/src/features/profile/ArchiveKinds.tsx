import { Link } from "wouter";
import { m } from "@/app/messages";
import { classes } from "@/ui/classes";
import style from "./StoryArchive.module.css";

/** What of the archive is shown: posts, or stories that have ended. */
export function ArchiveKinds({ base, stories }: { base: string; stories: boolean }) {
  const kind = (to: string, label: string, on: boolean) => (
    <Link
      href={to}
      replace
      className={classes(style.kind, on && style.on)}
      aria-current={on ? "page" : undefined}
    >
      {label}
    </Link>
  );
  return (
    <nav className={style.kinds} aria-label={m.profile.tabs.archive}>
      {kind(base, m.telling.archive.posts, !stories)}
      {kind(`${base}/stories`, m.telling.archive.stories, stories)}
    </nav>
  );
}
