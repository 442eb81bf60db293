import { List, Plus, Star } from "lucide-react";
import { type FormEvent, type ReactNode, useState } from "react";
import { problemOf } from "@/api/errors";
import { randomKey } from "@/api/key";
import { audiences } from "@/api/telling";
import { m } from "@/app/messages";
import { useAudiences } from "@/parts/audience/useAudiences";
import { say } from "@/stores/acts/tell";
import { Button } from "@/ui/Button";
import { Failure } from "@/ui/Empty";
import { Field } from "@/ui/Field";
import { NameLine } from "@/ui/NameLine";
import { Screen } from "@/ui/Screen";
import { Sheet } from "@/ui/Sheet";
import { Waiting } from "@/ui/Spinner";
import style from "./Audiences.module.css";
import { type Listed, ListSheet } from "./ListSheet";

const NAME_MAX = 60;

/** Whom one shows things to: close friends, and lists of one's own making. */
export function AudiencesScreen() {
  const { found, problem, reload } = useAudiences();
  const [open, setOpen] = useState<Listed | null>(null);
  const [makes, setMakes] = useState(false);
  const text = m.telling.lists;

  const row = (list: Listed, icon: ReactNode, count: string, close = false) => (
    <li key={list.id ?? "close"}>
      <button
        type="button"
        className={style.row}
        aria-haspopup="dialog"
        onClick={() => setOpen(list)}
      >
        <NameLine name={list.name} hint={count} icon={icon} close={close} />
      </button>
    </li>
  );
  const count = (n: number) => m.telling.audience.people(n);
  return (
    <Screen title={text.title}>
      <p className={style.hint}>{text.hint}</p>
      {problem && <Failure {...problem} onRetry={reload} />}
      {!found && !problem && <Waiting />}
      {found && (
        <>
          <ul className={style.rows}>
            {row(
              { id: null, name: text.close },
              <Star size={20} fill="currentColor" aria-hidden />,
              found.friendsNone
                ? m.telling.audience.closeNone
                : m.telling.audience.closeHint(found.friends ?? ""),
              true,
            )}
            {found.lists.map((list) =>
              row(
                { id: list.list_id, name: list.name },
                <List size={20} aria-hidden />,
                count(list.count),
              ),
            )}
          </ul>
          <Button icon={<Plus size={18} />} onClick={() => setMakes(true)}>
            {text.new}
          </Button>
        </>
      )}
      {makes && (
        <NewList
          onClose={() => setMakes(false)}
          onMade={(list) => {
            setMakes(false);
            reload();
            setOpen(list);
          }}
        />
      )}
      {open && (
        <ListSheet
          list={open}
          onClose={() => {
            setOpen(null);
            reload();
          }}
        />
      )}
    </Screen>
  );
}

function NewList({ onMade, onClose }: { onMade: (list: Listed) => void; onClose: () => void }) {
  const [name, setName] = useState("");
  const [problem, setProblem] = useState<string | undefined>();
  const [busy, setBusy] = useState(false);
  const [key] = useState(randomKey);
  async function create(event: FormEvent) {
    event.preventDefault();
    const title = name.trim();
    if (!title || busy) return;
    setBusy(true);
    try {
      const made = await audiences.create(title, [], `${key}-${title}`);
      say(m.telling.lists.created(title));
      onMade({ id: made.list_id, name: made.name });
    } catch (error) {
      setBusy(false);
      setProblem(problemOf(error).text);
    }
  }
  return (
    <Sheet title={m.telling.lists.new} onClose={onClose}>
      <form className={style.form} onSubmit={create}>
        <Field
          data-autofocus
          label={m.telling.lists.name}
          value={name}
          maxLength={NAME_MAX}
          problem={problem}
          dir="auto"
          onChange={(event) => {
            setProblem(undefined);
            setName(event.target.value);
          }}
        />
        <Button
          type="submit"
          look="primary"
          size="large"
          wide
          busy={busy}
          disabled={busy || name.trim() === ""}
        >
          {m.telling.lists.create}
        </Button>
      </form>
    </Sheet>
  );
}
