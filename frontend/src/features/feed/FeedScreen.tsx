import { Users } from "lucide-react";
import { useEffect } from "react";
import { m } from "@/app/messages";
import { Suggestions } from "@/parts/person/Suggestions";
import { PostSkeleton } from "@/parts/post/PostSkeleton";
import { useList } from "@/parts/useList";
import { reload } from "@/stores/acts/load";
import { sources } from "@/stores/acts/sources";
import { useStore } from "@/stores/store";
import { Button } from "@/ui/Button";
import { Empty, Failure } from "@/ui/Empty";
import { DraftCard } from "./DraftCard";
import style from "./Feed.module.css";
import { FreshPill } from "./FreshPill";
import { PostList } from "./PostList";
import { beginAtTop } from "./place";
import { Tray } from "./Tray";

export function FeedScreen() {
  const list = useList(sources.feed);
  const drafts = useStore((s) => s.drafts);
  const follows = useStore((s) => Object.values(s.relations).some((r) => r.status === "following"));
  function enter() {
    beginAtTop();
    void reload(sources.feed);
  }

  useEffect(() => {
    document.title = m.app.name;
  }, []);
  return (
    <div className={style.feed}>
      <h1 className="visually-hidden">{m.feed.title}</h1>
      <Tray />
      <FreshPill />
      {drafts.map((draft) => (
        <DraftCard key={draft.id} draft={draft} />
      ))}
      {list.first && [1, 2, 3].map((place) => <PostSkeleton key={place} />)}
      {list.status === "failed" && list.ids.length === 0 && list.problem && (
        <Failure {...list.problem} onRetry={list.retry} />
      )}
      {list.status === "ready" && list.ids.length === 0 && drafts.length === 0 && (
        <>
          <Empty icon={<Users size={30} />} title={m.feed.empty} hint={m.feed.emptyHint} />
          <Suggestions shown={8} />
          {follows && (
            <div className={style.enter}>
              <Button look="primary" size="large" onClick={enter}>
                {m.feed.enter}
              </Button>
            </div>
          )}
        </>
      )}
      {list.ids.length > 0 && <PostList list={list} />}
    </div>
  );
}
