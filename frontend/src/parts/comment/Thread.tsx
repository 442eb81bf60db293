import { MessageCircle } from "lucide-react";
import { useState } from "react";
import { m } from "@/app/messages";
import { More } from "@/parts/More";
import { useList } from "@/parts/useList";
import { sources } from "@/stores/acts/sources";
import { useStore } from "@/stores/store";
import { Empty } from "@/ui/Empty";
import { PersonRowSkeleton } from "@/ui/Skeleton";
import style from "./Comment.module.css";
import { CommentLine } from "./CommentLine";

interface ThreadProps {
  postId: string;
  postOwner: string;
  onReply: ((commentId: string, username: string) => void) | null;
}

/** Replies stay folded until one asks; one's own open the fold by themselves. */
function Replies({ parent, ...rest }: ThreadProps & { parent: string }) {
  const count = useStore((s) => s.comments[parent]?.replies_count ?? 0);
  const mine = useStore((s) =>
    (s.lists[`replies:${parent}`]?.ids ?? []).some((id) => s.comments[id]?.sending),
  );
  const [open, setOpen] = useState(false);
  const shown = open || mine;
  const list = useList(sources.replies(parent), shown);
  if (mine && !open) setOpen(true);
  if (count === 0 && list.ids.length === 0) return null;
  return (
    <div className={style.replies}>
      {shown && (
        <>
          {list.ids.map((id) => (
            <CommentLine key={id} id={id} postOwner={rest.postOwner} onReply={rest.onReply} />
          ))}
          <More list={list} />
        </>
      )}
      <button
        type="button"
        className={style.fold}
        aria-expanded={shown}
        onClick={() => setOpen(!shown)}
      >
        {shown ? m.comments.hideReplies : m.comments.viewReplies(count)}
      </button>
    </div>
  );
}

const PLACES = [1, 2, 3, 4];

export function Thread(props: ThreadProps) {
  const list = useList(sources.comments(props.postId));
  if (list.first) return PLACES.map((place) => <PersonRowSkeleton key={place} />);
  if (list.status === "ready" && list.ids.length === 0) {
    return (
      <Empty
        icon={<MessageCircle size={28} />}
        title={m.comments.empty}
        hint={props.onReply ? m.comments.emptyHint : undefined}
      />
    );
  }
  return (
    <div className={style.thread}>
      {list.ids.map((id) => (
        <div key={id}>
          <CommentLine id={id} postOwner={props.postOwner} onReply={props.onReply} />
          <Replies {...props} parent={id} />
        </div>
      ))}
      <More list={list} />
    </div>
  );
}
