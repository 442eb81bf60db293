import { ArrowUp } from "lucide-react";
import { useEffect } from "react";
import { m } from "@/app/messages";
import { dispatch, useStore } from "@/stores/store";
import { Avatar } from "@/ui/Avatar";
import { announce } from "@/ui/announce";
import style from "./Feed.module.css";

const FACES_MAX = 3;
const TOP_PX = 80;

/** New posts wait here while one reads further down, so that the page never jumps. */
export function FreshPill() {
  const fresh = useStore((s) => s.fresh);
  const posts = useStore((s) => s.posts);

  useEffect(() => {
    if (fresh.length > 0) announce(m.feed.fresh(fresh.length));
  }, [fresh.length]);

  // Who scrolls up by hand finds them there without a tap.
  useEffect(() => {
    if (fresh.length === 0) return;
    const onScroll = () => window.scrollY < TOP_PX && dispatch({ do: "feed.show" });
    window.addEventListener("scroll", onScroll, { passive: true });
    return () => window.removeEventListener("scroll", onScroll);
  }, [fresh.length]);

  if (fresh.length === 0) return null;
  const faces = [
    ...new Map(fresh.map((id) => [posts[id]?.user.user_id, posts[id]?.user])).values(),
  ];

  function show() {
    // Up first, at once, and in with them when the scroll has been noticed: the list corrects the
    // place of rows it measures by what it last knew of the scroll.
    if (window.scrollY < TOP_PX) dispatch({ do: "feed.show" });
    else window.scrollTo(0, 0);
  }

  return (
    <div className={style.pillPlace}>
      <button type="button" className={style.pill} onClick={show}>
        <ArrowUp size={16} aria-hidden />
        <span className={style.faces}>
          {faces
            .slice(0, FACES_MAX)
            .map((user) => user && <Avatar key={user.user_id} user={user} size="tiny" />)}
        </span>
        {m.feed.fresh(fresh.length)}
      </button>
    </div>
  );
}
