import { m } from "@/app/messages";
import { dayGroup } from "@/ui/time";
import style from "./Thread.module.css";

function words(date: Date, now: number): string {
  const time = date.toLocaleTimeString("en", { hour: "2-digit", minute: "2-digit", hour12: false });
  const group = dayGroup(date.toISOString(), now);
  if (group === "today" || group === "yesterday") return `${m.notifications[group]} ${time}`;
  if (group === "week") return `${date.toLocaleDateString("en", { weekday: "long" })} ${time}`;
  const sameYear = date.getFullYear() === new Date(now).getFullYear();
  const day = date.toLocaleDateString("en", {
    month: "long",
    day: "numeric",
    ...(!sameYear && { year: "numeric" }),
  });
  return `${day}, ${time}`;
}

/** The day and the hour after a pause. */
export function TimeLine({ iso }: { iso: string }) {
  return (
    <p className={style.time}>
      <time dateTime={iso}>{words(new Date(iso), Date.now())}</time>
    </p>
  );
}
