import { ImageOff } from "lucide-react";
import { useEffect, useState } from "react";
import { m } from "@/app/messages";
import { PostSkeleton } from "@/parts/post/PostSkeleton";
import { usePendingMedia } from "@/parts/post/usePendingMedia";
import { useTopic } from "@/parts/useTopic";
import { refetch } from "@/stores/acts/posts";
import { useStore } from "@/stores/store";
import { Empty, Failure } from "@/ui/Empty";
import { MoreFrom } from "./MoreFrom";
import style from "./Post.module.css";
import { PostSplit } from "./PostSplit";

/** One post on its own: photo and conversation side by side where there is room. */
export function PostScreen({ id }: { id: string }) {
  const post = useStore((s) => s.posts[id]);
  const [outcome, setOutcome] = useState<"ok" | "gone" | "failed" | null>(null);
  useTopic(`post:${id}`);
  usePendingMedia(post);

  const load = () => void refetch(id).then(setOutcome);
  // biome-ignore lint/correctness/useExhaustiveDependencies: loaded anew for another post only.
  useEffect(() => {
    setOutcome(null);
    load();
    window.scrollTo(0, 0);
  }, [id]);

  const by = post?.user.full_name || post?.user.username;
  useEffect(() => {
    if (by) document.title = `${m.post.photo(by)} · ${m.app.name}`;
  }, [by]);

  if (outcome === "gone" || (outcome === "ok" && !post)) {
    return <Empty page icon={<ImageOff size={30} />} title={m.post.gone} hint={m.post.goneHint} />;
  }
  if (!post) {
    return outcome === "failed" ? (
      <Failure text={m.errors.load} requestId={null} onRetry={load} />
    ) : (
      <div className={style.narrow}>
        <PostSkeleton />
      </div>
    );
  }
  return (
    <div className={style.screen}>
      <h1 className="visually-hidden">{m.post.photo(by ?? "")}</h1>
      <PostSplit post={post} />
      <MoreFrom username={post.user.username} except={id} />
    </div>
  );
}
