import { Compass } from "lucide-react";
import { lazy, Suspense, useEffect } from "react";
import { Link, Redirect, Route, Switch, useLocation } from "wouter";
import { FeedScreen } from "@/features/feed/FeedScreen";
import { NotificationsScreen } from "@/features/notifications/NotificationsScreen";
import { PostScreen } from "@/features/post/PostScreen";
import { ProfileScreen } from "@/features/profile/ProfileScreen";
import { SettingsScreen } from "@/features/settings/SettingsScreen";
import { dispatch } from "@/stores/store";
import { Empty } from "@/ui/Empty";
import { Waiting } from "@/ui/Spinner";
import style from "./App.module.css";
import { m } from "./messages";

// Fetched when they are first opened: nobody needs them to read the feed.
const MessagesScreen = lazy(() =>
  import("@/features/messages/MessagesScreen").then((found) => ({ default: found.MessagesScreen })),
);

export function Screens() {
  const [path] = useLocation();
  // A sheet belongs to the screen it was opened on.
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is the change that matters.
  useEffect(() => dispatch({ do: "overlay.closeAll" }), [path]);
  return (
    <Switch>
      <Route path="/" component={FeedScreen} />
      <Route path="/login">
        <Redirect to="/" replace />
      </Route>
      <Route path="/register">
        <Redirect to="/" replace />
      </Route>
      <Route path="/p/:id">{({ id }) => <PostScreen key={id} id={id} />}</Route>
      <Route path="/u/:username">
        {({ username }) => <ProfileScreen key={username} username={name(username)} tab="posts" />}
      </Route>
      <Route path="/u/:username/saved/:collection?">
        {({ username, collection }) => (
          <ProfileScreen
            key={username}
            username={name(username)}
            tab="saved"
            collection={collection}
          />
        )}
      </Route>
      <Route path="/u/:username/archive">
        {({ username }) => <ProfileScreen key={username} username={name(username)} tab="archive" />}
      </Route>
      <Route path="/notifications" component={NotificationsScreen} />
      <Route path="/messages/:id?">
        {({ id }) => (
          <Suspense fallback={<Waiting />}>
            <MessagesScreen id={id} />
          </Suspense>
        )}
      </Route>
      <Route path="/settings" component={SettingsScreen} />
      <Route component={NotFound} />
    </Switch>
  );
}

/** Usernames are the same in any case; the store knows them in lower case. */
function name(written: string): string {
  return written.toLowerCase();
}

function NotFound() {
  return (
    <Empty page icon={<Compass size={30} />} title={m.errors.notFound} hint={m.errors.notFoundHint}>
      <Link href="/" className={style.homeLink}>
        {m.errors.home}
      </Link>
    </Empty>
  );
}
