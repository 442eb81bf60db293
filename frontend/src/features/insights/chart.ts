/** The geometry of the chart of views by hour, in its own units. */
export const WIDTH = 480;
export const HEIGHT = 150;
const TOP = 12;
const GAP = 4;
const HOURS_MIN = 24;
const MARK_EVERY = 6;
/** One view among thousands is still to be seen. */
const HEIGHT_MIN = 2;

interface Bar {
  hour: number;
  views: number;
  x: number;
  y: number;
  width: number;
  height: number;
}

/** A bar for every hour of the story's day, also for those in which nobody looked. */
export function barsOf(hours: { hour: number; views: number }[]) {
  const byHour = new Map(hours.map(({ hour, views }) => [hour, views]));
  const count = Math.max(HOURS_MIN, ...hours.map(({ hour }) => hour + 1));
  const views = Array.from({ length: count }, (_none, hour) => byHour.get(hour) ?? 0);
  const peak = Math.max(0, ...views);
  const total = views.reduce((sum, one) => sum + one, 0);
  const step = WIDTH / count;
  const bars: Bar[] = views.map((one, hour) => {
    const height = one === 0 ? 0 : Math.max(HEIGHT_MIN, (one / peak) * (HEIGHT - TOP));
    return {
      hour,
      views: one,
      x: hour * step + GAP / 2,
      y: HEIGHT - height,
      width: step - GAP,
      height,
    };
  });
  const marks = bars
    .filter(({ hour }) => hour % MARK_EVERY === 0)
    .map(({ hour, x }) => ({ hour, x }));
  return { bars, peak, total, marks };
}
