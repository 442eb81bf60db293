import { Send } from "lucide-react";
import { useEffect, useState } from "react";
import { useLocation, useSearchParams } from "wouter";
import { m } from "@/app/messages";
import { openOverlay } from "@/stores/acts/overlays";
import { useStore } from "@/stores/store";
import { Button } from "@/ui/Button";
import { Empty } from "@/ui/Empty";
import { Inbox } from "./Inbox";
import style from "./Inbox.module.css";
import { NOTHING_SOUGHT } from "./sought";
import { ThreadPane } from "./ThreadPane";

const REQUESTS = "requests";
/** Up to here there is one pane, as in the style sheets. */
const ONE_PANE = "(max-width: 860px)";

/** Two panes where there is room; on a phone the one that was asked for. */
export function MessagesScreen({ id: name }: { id: string | undefined }) {
  const id = name === REQUESTS ? undefined : name;
  const [, navigate] = useLocation();
  const [params] = useSearchParams();
  const [sought, setSought] = useState(NOTHING_SOUGHT);
  const folder = useStore((s) => (id ? s.talk.conversations[id]?.folder : undefined));
  const requests = name === REQUESTS || folder === "requests";
  useEffect(() => {
    document.title = `${m.talk.title} · ${m.app.name}`;
  }, []);
  return (
    <div className={style.screen} data-open={id ? "" : undefined}>
      <Inbox open={id ?? null} requests={requests} sought={sought} onSeek={setSought} />
      {id ? (
        <ThreadPane
          key={id}
          id={id}
          at={params.get("at")}
          onSearch={() => {
            setSought({ words: "", within: id });
            if (matchMedia(ONE_PANE).matches) navigate("/messages");
          }}
        />
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
