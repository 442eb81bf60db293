import { Skeleton } from "@/ui/Skeleton";
import style from "./PostCard.module.css";
import ghost from "./PostSkeleton.module.css";

/** A post before it is known: the same lines in the same places. */
export function PostSkeleton() {
  return (
    <div className={style.card} aria-hidden="true">
      <div className={style.header}>
        <Skeleton width="2rem" height="2rem" round />
        <Skeleton width="8rem" height="0.75rem" />
      </div>
      <div className={style.media}>
        <Skeleton className={ghost.photo} height="auto" />
      </div>
      <div className={`${style.under} ${ghost.lines}`}>
        <Skeleton width="7rem" height="1.25rem" />
        <Skeleton width="80%" height="0.75rem" />
        <Skeleton width="45%" height="0.75rem" />
      </div>
    </div>
  );
}
