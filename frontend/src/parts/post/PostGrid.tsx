import { Copy, Heart, MessageCircle } from "lucide-react";
import { memo } from "react";
import { Link } from "wouter";
import { m } from "@/app/messages";
import { More } from "@/parts/More";
import type { useList } from "@/parts/useList";
import { useStore } from "@/stores/store";
import { Count } from "@/ui/Count";
import { Photo } from "@/ui/Photo";
import { Skeleton } from "@/ui/Skeleton";
import { Spinner } from "@/ui/Spinner";
import style from "./PostGrid.module.css";
import { isPending } from "./shape";

const SIZES = "(min-width: 960px) 19rem, 33vw";

const Tile = memo(function Tile({ id }: { id: string }) {
  const post = useStore((s) => s.posts[id]);
  const preview = useStore((s) => s.previews[id]?.[0]?.url);
  const item = post?.media[0];
  if (!post || !item) return null;
  const date = new Date(post.created_at).toLocaleDateString("en", { dateStyle: "long" });
  const pending = isPending(item);
  return (
    <Link href={`/p/${id}`} className={style.tile}>
      <Photo
        url={item.url}
        sources={item.sources}
        thumbhash={item.thumbhash}
        alt={item.alt_text || m.profile.photoOf(post.user.full_name || post.user.username, date)}
        sizes={SIZES}
        preview={preview ?? undefined}
      />
      {post.media.length > 1 && (
        <span className={style.several}>
          <Copy size={18} aria-label={m.profile.several} role="img" />
        </span>
      )}
      {pending && (
        <span className={style.several}>
          <Spinner size={18} />
        </span>
      )}
      <span className={style.counts} aria-hidden="true">
        <span>
          <Heart size={18} fill="currentColor" /> <Count value={post.likes_count} />
        </span>
        <span>
          <MessageCircle size={18} fill="currentColor" /> <Count value={post.comments_count} />
        </span>
      </span>
    </Link>
  );
});

const PLACES = [1, 2, 3, 4, 5, 6, 7, 8, 9];

export function PostGrid({ list }: { list: ReturnType<typeof useList> }) {
  return (
    <>
      <div className={style.grid}>
        {list.first
          ? PLACES.map((place) => <Skeleton key={place} className={style.tile} height="auto" />)
          : list.ids.map((id) => <Tile key={id} id={id} />)}
      </div>
      <More list={list} />
    </>
  );
}
