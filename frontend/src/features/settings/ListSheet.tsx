import { Pencil, Trash2 } from "lucide-react";
import { useState } from "react";
import { problemOf } from "@/api/errors";
import { audiences } from "@/api/telling";
import { m } from "@/app/messages";
import type { User } from "@/app/types";
import { More } from "@/parts/More";
import { usePeople } from "@/parts/person/usePeople";
import { usePages } from "@/parts/usePages";
import { complain } from "@/stores/acts/tell";
import { Avatar } from "@/ui/Avatar";
import { Button } from "@/ui/Button";
import { Confirm } from "@/ui/Confirm";
import { Field } from "@/ui/Field";
import { NameLine } from "@/ui/NameLine";
import { Sheet } from "@/ui/Sheet";
import { PersonRowSkeleton } from "@/ui/Skeleton";
import { Waiting } from "@/ui/Spinner";
import style from "./Audiences.module.css";

/** A list by its id; close friends have none. */
export interface Listed {
  id: string | null;
  name: string;
}

interface ListSheetProps {
  list: Listed;
  onClose: () => void;
}

const PLACES = [1, 2, 3, 4];

/** Who is on a list; a touch puts people on it and takes them off. */
export function ListSheet({ list, onClose }: ListSheetProps) {
  const [name, setName] = useState(list.name);
  const [words, setWords] = useState("");
  const [asks, setAsks] = useState(false);
  const [renames, setRenames] = useState(false);
  const text = m.telling.lists;
  const { id } = list;
  const members = usePages<User>(`members:${id ?? "close"}`, async (cursor) => {
    const { data, page } = await (id ? audiences.list(id, cursor) : audiences.friends(cursor));
    return { data: data.users, page };
  });
  const people = usePeople(words);
  const on = new Set(members.items.map((user) => user.username));
  const others = people?.filter((user) => !on.has(user.username));

  async function put(user: User, listed: boolean) {
    const others = members.items.filter((one) => one.username !== user.username);
    members.change(() => (listed ? [user, ...others] : others));
    const change = listed ? { add: [user.username] } : { remove: [user.username] };
    try {
      await (id ? audiences.change(id, change) : audiences.changeFriends(change));
    } catch (error) {
      members.retry();
      complain(error);
    }
  }

  async function drop() {
    if (!id) return;
    try {
      await audiences.delete(id);
      onClose();
    } catch (error) {
      complain(error);
    }
  }

  return (
    <Sheet title={name} shape="tall" onClose={onClose}>
      <div className={style.search}>
        <input
          type="search"
          value={words}
          placeholder={text.search}
          aria-label={text.search}
          autoComplete="off"
          onChange={(event) => setWords(event.target.value)}
        />
      </div>
      {!words && (
        <section aria-label={text.on}>
          <h3 className={style.heading}>
            {text.on}
            {members.items.length > 0 && <span className="digits"> {members.items.length}</span>}
          </h3>
          {members.first && <Waiting />}
          {members.status === "ready" && members.items.length === 0 && (
            <p className={style.empty}>{text.emptyHint}</p>
          )}
          <ul>
            {members.items.map((user) => (
              <Person key={user.user_id} user={user} listed onPut={put} />
            ))}
          </ul>
          <More list={members} />
        </section>
      )}
      <section aria-label={text.others}>
        {!words && <h3 className={style.heading}>{text.others}</h3>}
        {people === null && PLACES.map((place) => <PersonRowSkeleton key={place} />)}
        {words && people?.length === 0 && <p className={style.empty}>{m.talk.searchNone}</p>}
        <ul>
          {(words ? people : others)?.map((user) => (
            <Person key={user.user_id} user={user} listed={on.has(user.username)} onPut={put} />
          ))}
        </ul>
      </section>
      {id && (
        <div className={style.foot}>
          <Button icon={<Pencil size={18} />} onClick={() => setRenames(true)}>
            {text.rename}
          </Button>
          <Button look="danger" icon={<Trash2 size={18} />} onClick={() => setAsks(true)}>
            {text.delete}
          </Button>
        </div>
      )}
      {renames && id && (
        <Rename
          id={id}
          name={name}
          onClose={() => setRenames(false)}
          onDone={(next) => {
            setName(next);
            setRenames(false);
          }}
        />
      )}
      {asks && (
        <Confirm
          title={text.deleteTitle(name)}
          hint={text.deleteHint}
          yes={text.delete}
          onYes={() => void drop()}
          onClose={() => setAsks(false)}
        />
      )}
    </Sheet>
  );
}

interface PersonProps {
  user: User;
  listed: boolean;
  onPut: (user: User, listed: boolean) => Promise<void>;
}

function Person({ user, listed, onPut }: PersonProps) {
  const text = m.telling.lists;
  const { username } = user;
  return (
    <li className={style.person}>
      <Avatar user={user} />
      <NameLine name={username} hint={user.full_name} />
      <Button
        size="small"
        look={listed ? "quiet" : "soft"}
        aria-label={listed ? text.take(username) : text.add(username)}
        onClick={() => void onPut(user, !listed)}
      >
        {listed ? text.taken : text.added}
      </Button>
    </li>
  );
}

interface RenameProps {
  id: string;
  name: string;
  onDone: (name: string) => void;
  onClose: () => void;
}

function Rename({ id, name: before, onDone, onClose }: RenameProps) {
  const [name, setName] = useState(before);
  const [problem, setProblem] = useState<string | undefined>();
  async function save() {
    try {
      const { name: now } = await audiences.change(id, { name: name.trim() });
      onDone(now);
    } catch (error) {
      setProblem(problemOf(error).text);
    }
  }
  return (
    <Sheet
      title={m.telling.lists.rename}
      onClose={onClose}
      action={
        <Button look="primary" size="small" disabled={!name.trim()} onClick={() => void save()}>
          {m.common.save}
        </Button>
      }
    >
      <form
        className={style.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim()) void save();
        }}
      >
        <Field
          data-autofocus
          label={m.telling.lists.name}
          value={name}
          maxLength={60}
          problem={problem}
          dir="auto"
          onChange={(event) => setName(event.target.value)}
        />
      </form>
    </Sheet>
  );
}
