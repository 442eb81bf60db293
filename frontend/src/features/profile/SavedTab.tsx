import { Bookmark, ChevronLeft } from "lucide-react";
import { useEffect, useState } from "react";
import { Link } from "wouter";
import { type Problem, problemOf } from "@/api/errors";
import * as api from "@/api/operations";
import { m } from "@/app/messages";
import type { Collection } from "@/app/types";
import { PostGrid } from "@/parts/post/PostGrid";
import { useList } from "@/parts/useList";
import { sources } from "@/stores/acts/sources";
import { useStore } from "@/stores/store";
import { classes } from "@/ui/classes";
import { Empty, Failure } from "@/ui/Empty";
import { Photo } from "@/ui/Photo";
import style from "./Profile.module.css";

interface SavedTabProps {
  base: string;
  /** `all`, or a collection's id; null shows the shelf of collections. */
  collection: string | null;
}

export function SavedTab({ base, collection }: SavedTabProps) {
  const [shelf, setShelf] = useState<Collection[] | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);

  useEffect(() => {
    api.collections.list().then(setShelf, (error) => setProblem(problemOf(error)));
  }, []);

  if (collection !== null) {
    const name = shelf?.find((one) => one.collection_id === collection)?.name;
    return <Saved id={collection} name={name ?? m.collections.all} back={base} />;
  }
  // Without collections the shelf would be a detour.
  if (shelf?.length === 0) return <Saved id="all" name={null} back={base} />;
  if (problem) return <Failure {...problem} />;
  return (
    <ul className={style.shelf}>
      {shelf && <AllCover to={`${base}/all`} />}
      {shelf?.map((one) => (
        <Cover
          key={one.collection_id}
          to={`${base}/${one.collection_id}`}
          name={one.name}
          count={one.count}
          cover={one.cover}
        />
      ))}
    </ul>
  );
}

const MOSAIC = 4;

/** The newest four stand for everything that was saved. */
function AllCover({ to }: { to: string }) {
  const list = useList(sources.collection(null));
  const posts = useStore((s) => s.posts);
  const firsts = list.ids.slice(0, MOSAIC).flatMap((id) => posts[id]?.media.slice(0, 1) ?? []);
  return (
    <li>
      <Link href={to} className={style.collection}>
        <span className={classes(style.cover, style.mosaic)}>
          {firsts.map((item) => (
            <span key={item.media_id} className={style.piece}>
              <Photo {...item} alt="" sizes="5rem" />
            </span>
          ))}
        </span>
        <span className={style.label}>{m.collections.all}</span>
      </Link>
    </li>
  );
}

interface CoverProps {
  to: string;
  name: string;
  count?: number;
  cover?: Collection["cover"];
}

function Cover({ to, name, count, cover }: CoverProps) {
  return (
    <li>
      <Link href={to} className={style.collection}>
        <span className={style.cover}>
          {cover ? (
            <Photo
              url={cover.thumbnail}
              sources={[]}
              thumbhash={cover.thumbhash}
              alt=""
              sizes="9rem"
            />
          ) : (
            <Bookmark size={28} strokeWidth={1.5} aria-hidden />
          )}
        </span>
        <span className={style.label}>
          {name}
          {count !== undefined && <small>{m.collections.count(count)}</small>}
        </span>
      </Link>
    </li>
  );
}

function Saved({ id, name, back }: { id: string; name: string | null; back: string }) {
  const list = useList(sources.collection(id === "all" ? null : id));
  return (
    <>
      {name && (
        <Link href={back} className={style.trail}>
          <ChevronLeft size={20} aria-hidden /> {name}
        </Link>
      )}
      {list.status === "ready" && list.ids.length === 0 ? (
        <Empty
          icon={<Bookmark size={30} />}
          title={m.profile.emptySaved}
          hint={m.profile.emptySavedHint}
        />
      ) : (
        <PostGrid list={list} />
      )}
    </>
  );
}
