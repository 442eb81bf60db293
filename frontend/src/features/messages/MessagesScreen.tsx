import { Send } from "lucide-react";
import { useEffect } from "react";
import { m } from "@/app/messages";
import { openOverlay } from "@/stores/acts/overlays";
import { useStore } from "@/stores/store";
import { Button } from "@/ui/Button";
import { Empty } from "@/ui/Empty";
import { Inbox } from "./Inbox";
import style from "./Inbox.module.css";
import { ThreadPane } from "./ThreadPane";

const REQUESTS = "requests";

/** Two panes where there is room; on a phone the one that was asked for. */
export function MessagesScreen({ id: name }: { id: string | undefined }) {
  const id = name === REQUESTS ? undefined : name;
  const folder = useStore((s) => (id ? s.talk.conversations[id]?.folder : undefined));
  const requests = name === REQUESTS || folder === "requests";
  useEffect(() => {
    document.title = `${m.talk.title} · ${m.app.name}`;
  }, []);
  return (
    <div className={style.screen} data-open={id ? "" : undefined}>
      <Inbox open={id ?? null} requests={requests} />
      {id ? (
        <ThreadPane key={id} id={id} />
      ) : (
        <div className={style.nothing}>
          <Empty icon={<Send size={30} />} title={m.talk.pick} hint={m.talk.pickHint}>
            <Button look="primary" onClick={() => openOverlay({ is: "new-message" })}>
              {m.talk.new}
            </Button>
          </Empty>
        </div>
      )}
    </div>
  );
}
