import { useMemo } from "react";
import { Link } from "wouter";
import { m } from "@/app/messages";
import { PostGrid } from "@/parts/post/PostGrid";
import { useList } from "@/parts/useList";
import { sources } from "@/stores/acts/sources";
import style from "./Post.module.css";

const SHOWN = 6;

export function MoreFrom({ username, except }: { username: string; except: string }) {
  const list = useList(sources.grid(username));
  const ids = useMemo(
    () => list.ids.filter((id) => id !== except).slice(0, SHOWN),
    [list.ids, except],
  );
  if (ids.length === 0) return null;
  return (
    <section className={style.more}>
      <h2>
        <Link href={`/u/${username}`}>{m.post.moreFrom(username)}</Link>
      </h2>
      <PostGrid list={{ ...list, ids, hasMore: false }} />
    </section>
  );
}
