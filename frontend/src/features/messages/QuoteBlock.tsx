import { Reply } from "lucide-react";
import { useLocation } from "wouter";
import { m } from "@/app/messages";
import type { Quote, User } from "@/app/types";
import style from "./Bubble.module.css";
import { firstName } from "./names";

interface QuoteBlockProps {
  quote: Quote;
  myId: string;
  own: boolean;
  author: User | undefined;
}

export function quoteWords(quote: Quote): string {
  if (quote.unavailable) return m.talk.quoteGone;
  if (quote.text) return quote.text;
  if (!quote.has_photo) return m.talk.quotePost;
  return quote.is_video ? m.talk.quoteVideo : m.talk.quotePhoto;
}

/** What a message answers; a tap goes there. */
export function QuoteBlock({ quote, myId, own, author }: QuoteBlockProps) {
  const who = own ? m.talk.you : author ? firstName(author) : m.talk.someone;
  const whom =
    quote.user?.user_id === myId ? m.talk.you.toLowerCase() : quote.user && firstName(quote.user);
  const self = quote.user && quote.user.user_id === (own ? myId : author?.user_id);
  const [path, navigate] = useLocation();
  function go() {
    const target = document.querySelector<HTMLElement>(`[data-id="${quote.message_id}"]`);
    if (target) target.scrollIntoView({ block: "center", behavior: "smooth" });
    else if (!quote.unavailable) navigate(`${path}?at=${quote.message_id}`);
  }
  return (
    <button type="button" className={style.quote} onClick={go}>
      {whom && (
        <span className={style.quoteWho}>
          <Reply size={13} aria-hidden />{" "}
          {self ? m.talk.repliedSelf(who) : m.talk.repliedTo(who, whom)}
        </span>
      )}
      <span className={style.quoteText} dir="auto">
        {quoteWords(quote)}
      </span>
    </button>
  );
}
