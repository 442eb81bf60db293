import { useLocation } from "wouter";
import { m } from "@/app/messages";
import type { Conversation } from "@/app/types";
import { accept, blockFrom, decline } from "@/stores/acts/conversations";
import { Button } from "@/ui/Button";
import { othersOf, titleOf } from "./names";
import style from "./Thread.module.css";

/** Somebody unknown wrote: what that means, and the three answers. */
export function RequestBar({ conversation, myId }: { conversation: Conversation; myId: string }) {
  const [, navigate] = useLocation();
  const { conversation_id: id, kind, folder } = conversation;
  const [other] = othersOf(conversation, myId);
  const direct = kind === "direct";
  return (
    <div className={style.request}>
      <p className={style.requestTitle}>
        {direct ? m.talk.requests.asks(titleOf(conversation, myId)) : m.talk.requests.asksGroup}
      </p>
      <p className={style.sub}>{m.talk.requests.hint}</p>
      <div className={style.answers}>
        {direct && other && (
          <Button
            look="danger"
            wide
            onClick={() => {
              void blockFrom(id, other.username);
              navigate("/messages/requests");
            }}
          >
            {m.talk.requests.block}
          </Button>
        )}
        {folder === "requests" && (
          <Button
            wide
            onClick={() => {
              void decline(id);
              navigate("/messages/requests");
            }}
          >
            {m.talk.requests.decline}
          </Button>
        )}
        <Button look="primary" wide onClick={() => void accept(id)}>
          {m.talk.requests.accept}
        </Button>
      </div>
    </div>
  );
}
