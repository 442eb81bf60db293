import {
  Bell,
  ChevronLeft,
  House,
  Keyboard,
  Send,
  Settings,
  SlidersHorizontal,
  SquarePlus,
} from "lucide-react";
import type { ReactNode } from "react";
import { Link, useLocation } from "wouter";
import { openOverlay } from "@/stores/acts/overlays";
import { useMe, useStore } from "@/stores/store";
import { Avatar } from "@/ui/Avatar";
import { IconButton } from "@/ui/Button";
import { classes } from "@/ui/classes";
import { Mark, Wordmark } from "@/ui/Mark";
import { compact, m } from "./messages";
import style from "./Navigation.module.css";

interface Entry {
  label: string;
  icon: ReactNode;
  to?: string;
  run?: () => void;
  on: boolean;
  badge?: number;
  /** The rail alone has it: a phone has it in its top bar. */
  railOnly?: boolean;
}

function useEntries(): Entry[] {
  const [path] = useLocation();
  const me = useMe();
  const unread = useStore((s) => s.unread);
  const messages = useStore((s) => s.talk.unread);
  if (!me) return [];
  const home = path === "/";
  const talk = path.startsWith("/messages");
  const notices = path === "/notifications";
  const profile = `/u/${me.username}`;
  const own = path.startsWith(profile);
  return [
    { label: m.nav.home, to: "/", on: home, icon: <House /> },
    {
      label: m.nav.create,
      run: () => openOverlay({ is: "create" }),
      on: false,
      icon: <SquarePlus />,
    },
    {
      label: m.nav.messages,
      to: "/messages",
      on: talk,
      badge: messages,
      railOnly: true,
      icon: <Send fill={talk ? "currentColor" : "none"} />,
    },
    {
      label: m.nav.notifications,
      to: "/notifications",
      on: notices,
      badge: unread,
      icon: <Bell fill={notices ? "currentColor" : "none"} />,
    },
    {
      label: m.nav.profile,
      to: profile,
      on: own,
      icon: (
        <span className={classes(style.face, own && style.faceOn)}>
          <Avatar user={me} size="tiny" />
        </span>
      ),
    },
  ];
}

function Badge({ count, label }: { count: number; label: string }) {
  return (
    <span className={classes(style.badge, "digits")}>
      <span aria-hidden="true">{count > 99 ? "99+" : compact(count)}</span>
      <span className="visually-hidden">{label}</span>
    </span>
  );
}

function Entries({ rail = false }: { rail?: boolean }) {
  const entries = useEntries().filter((entry) => rail || !entry.railOnly);
  return entries.map((entry) => {
    const inside = (
      <>
        <span className={style.icon}>
          {entry.icon}
          {entry.badge ? <Badge count={entry.badge} label={m.nav.unread(entry.badge)} /> : null}
        </span>
        <span className={style.label}>{entry.label}</span>
      </>
    );
    return (
      <li key={entry.label}>
        {entry.to ? (
          <Link
            href={entry.to}
            className={classes(style.entry, entry.on && style.on)}
            aria-current={entry.on ? "page" : undefined}
            onClick={() => entry.on && window.scrollTo({ top: 0, behavior: "smooth" })}
          >
            {inside}
          </Link>
        ) : (
          <button type="button" className={style.entry} onClick={entry.run}>
            {inside}
          </button>
        )}
      </li>
    );
  });
}

/** Tablet: icons. Desktop: with words. */
export function Rail() {
  const [path] = useLocation();
  return (
    <nav className={style.rail} aria-label={m.nav.main}>
      <Link href="/" className={style.logo} aria-label={m.app.name}>
        <span className={style.wide}>
          <Wordmark size={30} />
        </span>
        <span className={style.slim}>
          <Mark size={30} />
        </span>
      </Link>
      <ul className={style.entries}>
        <Entries rail />
      </ul>
      <ul className={style.foot}>
        <li className={style.keys}>
          <button type="button" className={style.entry} onClick={() => openOverlay({ is: "keys" })}>
            <span className={style.icon}>
              <Keyboard />
            </span>
            <span className={style.label}>{m.nav.shortcuts}</span>
          </button>
        </li>
        <li>
          <Link
            href="/settings"
            className={classes(style.entry, path.startsWith("/settings") && style.on)}
            aria-current={path === "/settings" ? "page" : undefined}
          >
            <span className={style.icon}>
              <Settings />
            </span>
            <span className={style.label}>{m.nav.settings}</span>
          </Link>
        </li>
      </ul>
    </nav>
  );
}

export function BottomBar() {
  return (
    <nav className={style.bottom} aria-label={m.nav.main}>
      <ul>
        <Entries />
      </ul>
    </nav>
  );
}

/** What a screen that one came to from another is called. */
function titleOf(path: string): string | null {
  if (path.startsWith("/p/")) return m.common.post;
  if (path === "/settings") return m.nav.settings;
  if (path === "/settings/notifications") return m.nav.notifications;
  if (path === "/settings/audiences") return m.telling.lists.title;
  if (path.endsWith("/insights")) return m.telling.insights.title;
  if (path === "/notifications") return m.nav.notifications;
  const [, area, username] = path.split("/");
  return area === "u" && username ? username : null;
}

export function TopBar() {
  const [path, navigate] = useLocation();
  const title = titleOf(path);
  const messages = useStore((s) => s.talk.unread);
  // A page opened by a link has nothing behind it: back leads home then.
  const back = () => (history.length > 1 ? history.back() : navigate("/"));
  return (
    <header className={style.top}>
      {title ? (
        <>
          <IconButton label={m.common.back} className={style.back} onClick={back}>
            <ChevronLeft size={26} />
          </IconButton>
          <span className={style.title} aria-hidden="true">
            {title}
          </span>
          {path === "/notifications" && (
            <Link
              href="/settings/notifications"
              className={style.talk}
              aria-label={m.notify.settings}
            >
              <SlidersHorizontal size={22} />
            </Link>
          )}
        </>
      ) : (
        <>
          <Link href="/" aria-label={m.app.name} onClick={() => window.scrollTo({ top: 0 })}>
            <Wordmark size={26} />
          </Link>
          <Link href="/messages" className={style.talk}>
            <span className="visually-hidden">{m.nav.messages}</span>
            <span className={style.icon}>
              <Send />
              {messages > 0 && <Badge count={messages} label={m.talk.unread(messages)} />}
            </span>
          </Link>
        </>
      )}
    </header>
  );
}
