import { Bookmark, Check } from "lucide-react";
import { type FormEvent, useEffect, useState } from "react";
import { type Problem, problemOf } from "@/api/errors";
import * as api from "@/api/operations";
import { m } from "@/app/messages";
import type { Collection } from "@/app/types";
import { setSaved } from "@/stores/acts/posts";
import { say } from "@/stores/acts/tell";
import { useStore } from "@/stores/store";
import { Button } from "@/ui/Button";
import { Failure } from "@/ui/Empty";
import { Field } from "@/ui/Field";
import { Photo } from "@/ui/Photo";
import { Sheet } from "@/ui/Sheet";
import { Waiting } from "@/ui/Spinner";
import style from "./Post.module.css";

const NAME_MAX = 60;

/** Where to keep a post: everything that is saved, or a collection as well. */
export function SaveSheet({ postId, onClose }: { postId: string; onClose: () => void }) {
  const saved = useStore((s) => s.posts[postId]?.is_saved === true);
  const [shelf, setShelf] = useState<Collection[] | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [name, setName] = useState("");
  const [wrong, setWrong] = useState<string>();

  useEffect(() => {
    api.collections.list().then(setShelf, (error) => setProblem(problemOf(error)));
  }, []);

  function into(collection: Collection | null) {
    void setSaved(postId, true, collection?.collection_id);
    say(collection ? m.post.savedTo(collection.name) : m.post.saved);
    onClose();
  }

  async function create(event: FormEvent) {
    event.preventDefault();
    if (!name.trim()) return;
    try {
      into(await api.collections.create(name.trim()));
    } catch (error) {
      setWrong(problemOf(error).text);
    }
  }

  return (
    <Sheet title={m.collections.title} onClose={onClose}>
      {problem && <Failure {...problem} />}
      {!shelf && !problem && <Waiting />}
      {shelf && (
        <>
          <ul className={style.list}>
            <li>
              <button type="button" className={style.pick} onClick={() => into(null)}>
                <span className={style.thumb}>
                  <Bookmark size={20} />
                </span>
                <span>{m.collections.all}</span>
                {saved && <Check size={20} aria-hidden />}
              </button>
            </li>
            {shelf.map((one) => (
              <li key={one.collection_id}>
                <button type="button" className={style.pick} onClick={() => into(one)}>
                  <span className={style.thumb}>
                    {one.cover && (
                      <Photo
                        url={one.cover.thumbnail}
                        sources={[]}
                        thumbhash={one.cover.thumbhash}
                        alt=""
                        sizes="3rem"
                      />
                    )}
                  </span>
                  <span>{one.name}</span>
                  <small>{m.collections.count(one.count)}</small>
                </button>
              </li>
            ))}
          </ul>
          <form className={style.new} onSubmit={create}>
            <Field
              label={m.collections.new}
              value={name}
              maxLength={NAME_MAX}
              problem={wrong}
              onChange={(event) => {
                setName(event.target.value);
                setWrong(undefined);
              }}
            />
            <Button type="submit" look="text" disabled={!name.trim()}>
              {m.collections.create}
            </Button>
          </form>
        </>
      )}
    </Sheet>
  );
}
