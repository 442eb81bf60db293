import { m } from "@/app/messages";
import { More } from "@/parts/More";
import { PersonRow } from "@/parts/person/PersonRow";
import { useList } from "@/parts/useList";
import { answerRequest } from "@/stores/acts/people";
import { sources } from "@/stores/acts/sources";
import { Button } from "@/ui/Button";
import { Waiting } from "@/ui/Spinner";
import style from "./Notifications.module.css";

export function Requests() {
  const list = useList(sources.requests);
  return (
    <section className={style.asking} aria-label={m.notifications.requests}>
      {list.first && <Waiting />}
      {list.ids.map((username) => (
        <PersonRow
          key={username}
          username={username}
          action={
            <div className={style.answers}>
              <Button
                size="small"
                look="primary"
                onClick={() => void answerRequest(username, true)}
              >
                {m.notifications.accept}
              </Button>
              <Button size="small" onClick={() => void answerRequest(username, false)}>
                {m.notifications.decline}
              </Button>
            </div>
          }
        />
      ))}
      <More list={list} />
    </section>
  );
}
