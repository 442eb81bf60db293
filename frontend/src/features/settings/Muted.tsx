import { useCallback, useEffect, useState } from "react";
import { Link } from "wouter";
import { type Problem, problemOf } from "@/api/errors";
import * as api from "@/api/operations";
import { m } from "@/app/messages";
import type { MutedPost } from "@/app/types";
import { More } from "@/parts/More";
import { PersonRow } from "@/parts/person/PersonRow";
import { useList } from "@/parts/useList";
import { setPostMuted } from "@/stores/acts/notices";
import { setMuted } from "@/stores/acts/people";
import { sources } from "@/stores/acts/sources";
import { Button } from "@/ui/Button";
import { Failure } from "@/ui/Empty";
import { Photo } from "@/ui/Photo";
import { Waiting } from "@/ui/Spinner";
import style from "./Settings.module.css";

function Unmute({ onClick }: { onClick: () => void }) {
  return (
    <Button size="small" onClick={onClick}>
      {m.notify.muted.unmute}
    </Button>
  );
}

function Row({ post, onUnmute }: { post: MutedPost; onUnmute: () => void }) {
  const { username } = post.user;
  return (
    <li className={style.device}>
      <Link
        href={`/p/${post.post_id}`}
        className={style.thumb}
        aria-label={m.notify.muted.post(username)}
      >
        <Photo url={post.thumbnail} sources={[]} thumbhash={post.thumbhash} alt="" sizes="3rem" />
      </Link>
      <div className={style.words}>
        <span className={style.name}>{username}</span>
        <span className={style.line}>{post.caption}</span>
      </div>
      <Unmute onClick={onUnmute} />
    </li>
  );
}

export function MutedPosts() {
  const [posts, setPosts] = useState<MutedPost[] | null>(null);
  const [cursor, setCursor] = useState<string | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);

  const load = useCallback(async (from: string | null) => {
    setProblem(null);
    try {
      const { data, page } = await api.notifications.mutedPosts(from);
      setPosts((before) => [...(from ? (before ?? []) : []), ...data.posts]);
      setCursor(page.next_cursor);
    } catch (error) {
      setProblem(problemOf(error));
    }
  }, []);

  useEffect(() => {
    void load(null);
  }, [load]);

  async function unmute(id: string) {
    if (!(await setPostMuted(id, false))) return;
    setPosts((before) => before?.filter((post) => post.post_id !== id) ?? null);
  }

  return (
    <section className={style.section}>
      <h2>{m.notify.muted.posts}</h2>
      <p className={style.hint}>{m.notify.muted.postsHint}</p>
      {!posts && !problem && <Waiting />}
      {posts?.length === 0 && <p className={style.none}>{m.notify.muted.noPosts}</p>}
      <ul>
        {posts?.map((post) => (
          <Row key={post.post_id} post={post} onUnmute={() => void unmute(post.post_id)} />
        ))}
      </ul>
      {cursor && !problem && <Button onClick={() => void load(cursor)}>{m.common.showMore}</Button>}
      {problem && <Failure {...problem} onRetry={() => void load(cursor)} />}
    </section>
  );
}

export function MutedPeople() {
  const list = useList(sources.mutedPeople);
  const none = list.ids.length === 0;
  return (
    <section className={style.section}>
      <h2>{m.notify.muted.people}</h2>
      <p className={style.hint}>{m.notify.muted.peopleHint}</p>
      {list.first && <Waiting />}
      {list.status === "ready" && none && <p className={style.none}>{m.notify.muted.noPeople}</p>}
      <ul className={style.rows}>
        {list.ids.map((username) => (
          <li key={username}>
            <PersonRow
              username={username}
              action={<Unmute onClick={() => void setMuted(username, false)} />}
            />
          </li>
        ))}
      </ul>
      <More list={list} />
    </section>
  );
}
