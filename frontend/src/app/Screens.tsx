import { Compass } from "lucide-react";
import { Suspense, useEffect } from "react";
import { Link, Redirect, Route, Switch, useLocation } from "wouter";
import { FeedScreen } from "@/features/feed/FeedScreen";
import { dispatch } from "@/stores/store";
import { Empty } from "@/ui/Empty";
import style from "./App.module.css";
import { fetchTheRest, lazily } from "./lazily";
import { m } from "./messages";

const AudiencesScreen = lazily(() =>
  import("@/features/settings/AudiencesScreen").then((file) => file.AudiencesScreen),
);
const EditorScreen = lazily(() =>
  import("@/features/storyEditor/EditorScreen").then((file) => file.EditorScreen),
);
const HighlightScreen = lazily(() =>
  import("@/features/highlights/HighlightScreen").then((file) => file.HighlightScreen),
);
const InsightsScreen = lazily(() =>
  import("@/features/insights/InsightsScreen").then((file) => file.InsightsScreen),
);
const MessagesScreen = lazily(() =>
  import("@/features/messages/MessagesScreen").then((file) => file.MessagesScreen),
);
const NotificationsScreen = lazily(() =>
  import("@/features/notifications/NotificationsScreen").then((file) => file.NotificationsScreen),
);
const PostScreen = lazily(() =>
  import("@/features/post/PostScreen").then((file) => file.PostScreen),
);
const ProfileScreen = lazily(() =>
  import("@/features/profile/ProfileScreen").then((file) => file.ProfileScreen),
);
const NotificationSettings = lazily(() =>
  import("@/features/settings/NotificationSettings").then((file) => file.NotificationSettings),
);
const StoriesScreen = lazily(() =>
  import("@/features/stories/StoriesScreen").then((file) => file.StoriesScreen),
);
const SettingsScreen = lazily(() =>
  import("@/features/settings/SettingsScreen").then((file) => file.SettingsScreen),
);

export function Screens() {
  const [path] = useLocation();
  // A sheet belongs to the screen it was opened on.
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is the change that matters.
  useEffect(() => dispatch({ do: "overlay.closeAll" }), [path]);
  useEffect(fetchTheRest, []);
  return (
    <Suspense>
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
        <Route path="/u/:username/archive/:what?">
          {({ username, what }) => (
            <ProfileScreen
              key={username}
              username={name(username)}
              tab={what === "stories" ? "story-archive" : "archive"}
            />
          )}
        </Route>
        <Route path="/stories/new" component={EditorScreen} />
        <Route path="/stories/:id/insights">
          {({ id }) => <InsightsScreen key={id} id={id} />}
        </Route>
        <Route path="/highlights/:id">{({ id }) => <HighlightScreen key={id} id={id} />}</Route>
        <Route path="/stories/:username/:id?">
          {({ username, id }) => <StoriesScreen username={name(username)} id={id ?? null} />}
        </Route>
        <Route path="/notifications" component={NotificationsScreen} />
        <Route path="/messages/:id?">{({ id }) => <MessagesScreen id={id} />}</Route>
        <Route path="/settings/notifications" component={NotificationSettings} />
        <Route path="/settings/audiences" component={AudiencesScreen} />
        <Route path="/settings" component={SettingsScreen} />
        <Route component={NotFound} />
      </Switch>
    </Suspense>
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
