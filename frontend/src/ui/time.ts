import { m } from "@/app/messages";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;

/** How long ago, in the fewest signs: "now", "5m", "3h", "2d", "4w", then the date. */
export function ago(date: Date, now: number): string {
  const ms = now - date.getTime();
  if (ms < MINUTE) return m.time.now;
  if (ms < HOUR) return m.time.minutes(Math.floor(ms / MINUTE));
  if (ms < DAY) return m.time.hours(Math.floor(ms / HOUR));
  if (ms < WEEK) return m.time.days(Math.floor(ms / DAY));
  if (ms < 5 * WEEK) return m.time.weeks(Math.floor(ms / WEEK));
  return day(date, now);
}

/** For where there is room: "3h ago", or the day. */
export function sentence(date: Date, now: number): string {
  if (now - date.getTime() < WEEK) return m.time.ago(ago(date, now));
  return day(date, now);
}

function day(date: Date, now: number): string {
  const sameYear = date.getFullYear() === new Date(now).getFullYear();
  return date.toLocaleDateString("en", {
    month: "long",
    day: "numeric",
    ...(sameYear ? {} : { year: "numeric" }),
  });
}

/** Which heading a moment belongs under. */
export function dayGroup(iso: string, now: number): "today" | "yesterday" | "week" | "earlier" {
  const midnight = new Date(now).setHours(0, 0, 0, 0);
  const at = new Date(iso).getTime();
  if (at >= midnight) return "today";
  if (at >= midnight - DAY) return "yesterday";
  if (at >= midnight - 6 * DAY) return "week";
  return "earlier";
}
