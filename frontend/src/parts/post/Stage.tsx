import { ChevronLeft, ChevronRight, Heart } from "lucide-react";
import { type KeyboardEvent, type PointerEvent, useRef, useState } from "react";
import { m } from "@/app/messages";
import type { Post } from "@/app/types";
import { useWork } from "@/parts/picture/useWork";
import { refetch, setLiked } from "@/stores/acts/posts";
import { useStore } from "@/stores/store";
import { IconButton } from "@/ui/Button";
import { classes } from "@/ui/classes";
import { Spinner } from "@/ui/Spinner";
import { Slide } from "./Slide";
import style from "./Stage.module.css";
import { frameRatio, isPending } from "./shape";

interface StageProps {
  post: Post;
  sizes: string;
  eager?: boolean;
  /** Fills the height it is given instead of making its own. */
  fill?: boolean;
}

const TWICE_MS = 300;
const SAME_PLACE_PX = 36;

/** Two taps in the same place, by finger or mouse. */
function useDoubleTap(onTwice: (x: number, y: number) => void) {
  const last = useRef({ at: 0, x: 0, y: 0 });
  const down = useRef({ x: 0, y: 0 });
  return {
    onPointerDown: (event: PointerEvent) => {
      down.current = { x: event.clientX, y: event.clientY };
    },
    onPointerUp: (event: PointerEvent<HTMLElement>) => {
      if ((event.target as HTMLElement).closest("button, a")) return;
      const { clientX: x, clientY: y, timeStamp: at } = event;
      const near = (p: { x: number; y: number }) => Math.hypot(p.x - x, p.y - y) < SAME_PLACE_PX;
      if (!near(down.current)) return;
      if (at - last.current.at < TWICE_MS && near(last.current)) {
        const box = event.currentTarget.getBoundingClientRect();
        last.current = { at: 0, x: 0, y: 0 };
        onTwice(x - box.left, y - box.top);
      } else last.current = { at, x, y };
    },
  };
}

export function Stage({ post, sizes, eager, fill }: StageProps) {
  const previews = useStore((s) => s.previews[post.post_id]);
  const track = useRef<HTMLDivElement>(null);
  const [index, setIndex] = useState(0);
  const [burst, setBurst] = useState<{ x: number; y: number; key: number } | null>(null);
  const asked = useRef(false);
  const count = post.media.length;
  // Its author alone has it before all is ready.
  const working = post.media.find(isPending);
  const work = useWork(working?.media_id);

  const tap = useDoubleTap((x, y) => {
    setBurst({ x, y, key: Date.now() });
    if (!post.is_liked) void setLiked(post.post_id, true);
  });

  function go(to: number) {
    const element = track.current;
    element?.scrollTo({ left: to * element.clientWidth, behavior: "smooth" });
  }

  function onKeyDown(event: KeyboardEvent) {
    if (event.key === "ArrowRight" && index < count - 1) go(index + 1);
    else if (event.key === "ArrowLeft" && index > 0) go(index - 1);
    else return;
    event.preventDefault();
  }

  /** A signed link ran out while the page stood open: one new set is asked for. */
  function onBroken() {
    if (asked.current) return;
    asked.current = true;
    void refetch(post.post_id);
  }

  return (
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: the label is there only with the role.
    <div
      role={count > 1 ? "group" : undefined}
      className={classes(style.stage, fill && style.fill)}
      style={fill ? undefined : { aspectRatio: frameRatio(post.media[0], previews?.[0]) }}
      aria-roledescription={count > 1 ? "carousel" : undefined}
      aria-label={count > 1 ? m.post.carousel : undefined}
      {...tap}
    >
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the arrow keys turn the pages of the scroller. */}
      <div
        ref={track}
        className={style.track}
        tabIndex={count > 1 ? 0 : undefined}
        onKeyDown={count > 1 ? onKeyDown : undefined}
        onScroll={(event) => {
          const { scrollLeft, clientWidth } = event.currentTarget;
          if (clientWidth > 0) setIndex(Math.round(scrollLeft / clientWidth));
        }}
      >
        {post.media.map((item, place) => (
          <Slide
            key={item.media_id ?? `${place}${item.thumbhash}`}
            item={item}
            post={post}
            sizes={sizes}
            position={count > 1 ? m.post.of(item.type, place + 1, count) : undefined}
            // Neighbours are fetched while one looks, the rest when one comes near.
            near={Math.abs(place - index) <= 1}
            eager={eager && place === 0}
            whole={fill || (place > 0 && count > 1)}
            preview={previews?.[place]?.url ?? undefined}
            onBroken={onBroken}
          />
        ))}
      </div>
      {index > 0 && (
        <IconButton
          label={m.common.previous}
          over="media"
          className={classes(style.arrow, style.left)}
          onClick={() => go(index - 1)}
        >
          <ChevronLeft size={20} />
        </IconButton>
      )}
      {index < count - 1 && (
        <IconButton
          label={m.common.next}
          over="media"
          className={classes(style.arrow, style.right)}
          onClick={() => go(index + 1)}
        >
          <ChevronRight size={20} />
        </IconButton>
      )}
      {working && (
        <p className={style.state}>
          <Spinner size={16} />{" "}
          <span className="digits">{work === null ? m.files.preparing : m.files.work(work)}</span>
        </p>
      )}
      {count > 1 && (
        <div
          className={style.dots}
          // A video has its own line there.
          hidden={post.media[index]?.type === "video"}
          aria-hidden="true"
        >
          {post.media.map((item, place) => (
            <span
              key={item.media_id ?? `${place}${item.thumbhash}`}
              className={classes(style.dot, place === index && style.current)}
            />
          ))}
        </div>
      )}
      {burst && (
        <span
          key={burst.key}
          className={style.burst}
          style={{ left: burst.x, top: burst.y }}
          onAnimationEnd={() => setBurst(null)}
        >
          <Heart size={96} fill="currentColor" strokeWidth={0} aria-hidden />
        </span>
      )}
    </div>
  );
}
