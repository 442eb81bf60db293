import { ChevronLeft, Info, Search } from "lucide-react";
import { useEffect, useState } from "react";
import { Link, useLocation } from "wouter";
import type { Problem } from "@/api/errors";
import { m } from "@/app/messages";
import type { Conversation, Message } from "@/app/types";
import { activeLine } from "@/parts/person/Present";
import { usePresence } from "@/parts/person/presence";
import { useTopic } from "@/parts/useTopic";
import { loadConversation } from "@/stores/acts/conversations";
import { openOverlay } from "@/stores/acts/overlays";
import { useMe, useStore } from "@/stores/store";
import { IconButton } from "@/ui/Button";
import { Empty, Failure } from "@/ui/Empty";
import { Waiting } from "@/ui/Spinner";
import { Faces } from "./Faces";
import { sendFiles, visualsOf } from "./files";
import type { Goal } from "./goal";
import { othersOf, partnerOf, titleOf } from "./names";
import { RequestBar } from "./RequestBar";
import { Thread } from "./Thread";
import style from "./Thread.module.css";
import { Writer } from "./Writer";

interface HeadProps {
  conversation: Conversation;
  myId: string;
  onSearch: () => void;
}

function Head({ conversation, myId, onSearch }: HeadProps) {
  const [, navigate] = useLocation();
  const { conversation_id: id, kind, members } = conversation;
  const [other] = othersOf(conversation, myId);
  const title = titleOf(conversation, myId);
  const presence = usePresence(partnerOf(conversation, myId));
  const words = (
    <>
      <Faces conversation={conversation} myId={myId} size="small" presence={presence} />
      <span className={style.who}>
        <h1 className={style.title} dir="auto">
          {title}
        </h1>
        <span className={style.sub}>
          {kind === "group"
            ? m.talk.members(members.length)
            : (activeLine(presence) ?? other?.username)}
        </span>
      </span>
    </>
  );
  const details = () => openOverlay({ is: "conversation", id });
  const back = conversation.folder === "requests" ? "/messages/requests" : "/messages";
  return (
    <header className={style.head}>
      <IconButton label={m.common.back} className={style.back} onClick={() => navigate(back)}>
        <ChevronLeft size={26} />
      </IconButton>
      {kind === "direct" && other ? (
        <Link href={`/u/${other.username}`} className={style.person}>
          {words}
        </Link>
      ) : (
        <button type="button" className={style.person} onClick={details}>
          {words}
        </button>
      )}
      {conversation.folder !== "requests" && (
        <IconButton label={m.talk.find.here} onClick={onSearch}>
          <Search size={22} />
        </IconButton>
      )}
      <IconButton label={m.talk.details} aria-haspopup="dialog" onClick={details}>
        <Info size={22} />
      </IconButton>
    </header>
  );
}

/** The conversation itself, fetched when it is not among those of the list. */
function useConversation(id: string) {
  const conversation = useStore((s) => s.talk.conversations[id]);
  const [problem, setProblem] = useState<Problem | "gone" | null>(null);
  const gone = useStore((s) => s.talk.gone[id] === true);
  const known = conversation !== undefined || gone;
  const [attempt, setAttempt] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: an attempt is what asks again.
  useEffect(() => {
    let left = false;
    if (!known) void loadConversation(id).then((found) => !left && setProblem(found));
    return () => {
      left = true;
    };
  }, [id, known, attempt]);
  const retry = () => {
    setProblem(null);
    setAttempt(attempt + 1);
  };
  return { conversation, problem: gone ? "gone" : problem, retry } as const;
}

/** What the address asks for is taken out of it: back and forth lead to the thread as it is. */
function useGoal(id: string, at: string | null) {
  const [, navigate] = useLocation();
  const [goal, setGoal] = useState<Goal | null>(null);
  useEffect(() => {
    if (!at) return;
    setGoal({ id: at });
    navigate(`/messages/${id}`, { replace: true });
  }, [id, at, navigate]);
  return [goal, setGoal] as const;
}

interface ThreadPaneProps {
  id: string;
  /** The message to show, in place of the newest. */
  at: string | null;
  onSearch: () => void;
}

export function ThreadPane({ id, at, onSearch }: ThreadPaneProps) {
  const me = useMe();
  const [goal, setGoal] = useGoal(id, at);
  const { conversation, problem, retry } = useConversation(id);
  const [reply, setReply] = useState<Message | null>(null);
  const [editing, setEditing] = useState<Message | null>(null);
  const [dragging, setDragging] = useState(false);
  useTopic(conversation ? `conversation:${id}` : null);
  if (!me) return null;
  if (!conversation) {
    return (
      <section className={style.pane}>
        {problem === "gone" ? (
          <Empty page title={m.talk.gone} hint={m.talk.goneHint}>
            <Link href="/messages" className={style.link}>
              {m.talk.title}
            </Link>
          </Empty>
        ) : problem ? (
          <Failure {...problem} onRetry={retry} />
        ) : (
          <Waiting />
        )}
      </section>
    );
  }
  const open = conversation.folder === "inbox";
  const endWriting = () => {
    setReply(null);
    setEditing(null);
  };
  return (
    <section
      className={style.pane}
      aria-label={m.talk.thread(titleOf(conversation, me.user_id))}
      onDragOver={(event) => {
        if (!open || !event.dataTransfer.types.includes("Files")) return;
        event.preventDefault();
        setDragging(true);
      }}
      onDragLeave={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setDragging(false);
      }}
      onDrop={(event) => {
        setDragging(false);
        const files = visualsOf(event.dataTransfer.files);
        if (!open || files.length === 0) return;
        // The page would begin a post with them.
        event.preventDefault();
        void sendFiles(id, files);
      }}
    >
      <Head conversation={conversation} myId={me.user_id} onSearch={onSearch} />
      <Thread
        conversation={conversation}
        myId={me.user_id}
        goal={goal}
        onGoal={setGoal}
        onReply={(message) => {
          setEditing(null);
          setReply(message);
        }}
        onEdit={(message) => {
          setReply(null);
          setEditing(message);
        }}
      />
      {open ? (
        <Writer
          key={editing?.message_id ?? "new"}
          conversation={conversation}
          myId={me.user_id}
          reply={reply}
          editing={editing}
          onEdit={setEditing}
          onEnd={endWriting}
        />
      ) : (
        <RequestBar conversation={conversation} myId={me.user_id} />
      )}
      {dragging && <div className={style.drop}>{m.talk.drop}</div>}
    </section>
  );
}
