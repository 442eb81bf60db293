import { ImagePlus, Reply } from "lucide-react";
import { useState } from "react";
import { Link, useLocation } from "wouter";
import { telling } from "@/api/telling";
import { m } from "@/app/messages";
import type { StoryAnswer } from "@/app/types";
import { More } from "@/parts/More";
import { usePages } from "@/parts/usePages";
import { begin } from "@/stores/acts/conversations";
import { beginWords } from "@/stores/talk/begun";
import { Avatar } from "@/ui/Avatar";
import { IconButton } from "@/ui/Button";
import { TimeAgo } from "@/ui/TimeAgo";
import style from "./AnswersList.module.css";

interface AnswersListProps {
  storyId: string;
  stickerId: string;
  /** How many there are: when more come, the newest are asked for. */
  total: number;
}

/** What people wrote to a question, newest first; each may be answered, or shown in a story. */
export function AnswersList({ storyId, stickerId, total }: AnswersListProps) {
  const pages = usePages<StoryAnswer>(`answers:${stickerId}:${total}`, async (cursor) => {
    const { data, page } = await telling.answers(storyId, stickerId, cursor);
    return { data: data.answers, page };
  });
  return (
    <ul className={style.list} aria-label={m.telling.insights.answers} aria-live="polite">
      {pages.items.map((answer) => (
        <Answer key={answer.user.user_id} answer={answer} />
      ))}
      <li>
        <More list={pages} />
      </li>
    </ul>
  );
}

function Answer({ answer: { user, answer, created_at } }: { answer: StoryAnswer }) {
  const [, navigate] = useLocation();
  const [busy, setBusy] = useState(false);
  const words = String(answer);
  const text = m.telling.insights;

  async function reply() {
    setBusy(true);
    const id = await begin([user.username], null);
    setBusy(false);
    if (!id) return;
    beginWords(id, text.quoted(words));
    navigate(`/messages/${id}`);
  }

  return (
    <li className={style.answer} data-answer={user.username}>
      <Link href={`/u/${user.username}`} className={style.face} tabIndex={-1} aria-hidden="true">
        <Avatar user={user} size="small" />
      </Link>
      <div className={style.said}>
        <p className={style.who}>
          <Link href={`/u/${user.username}`}>{user.username}</Link> <TimeAgo iso={created_at} />
        </p>
        <p dir="auto">{words}</p>
      </div>
      <IconButton label={text.replyTo(user.username)} disabled={busy} onClick={() => void reply()}>
        <Reply size={20} />
      </IconButton>
      <IconButton
        label={text.showAnswer(user.username)}
        onClick={() => navigate(`/stories/new?words=${encodeURIComponent(words)}`)}
      >
        <ImagePlus size={20} />
      </IconButton>
    </li>
  );
}
