import { useId } from "react";
import { m } from "@/app/messages";
import type { Insights } from "@/app/types";
import { barsOf, HEIGHT, WIDTH } from "./chart";
import style from "./Insights.module.css";

/** Views of each hour as bars, and the same as a table for whoever doesn't see bars. */
export function HoursChart({ hours }: { hours: Insights["hours"] }) {
  const id = useId();
  const { bars, peak, total, marks } = barsOf(hours);
  const text = m.telling.insights;
  if (total === 0) return <p className={style.none}>{text.noViews}</p>;
  return (
    <figure className={style.chart}>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT + 18}`} role="img" aria-labelledby={id}>
        <title id={id}>{`${text.chart}. ${text.chartOf(total, peak)}`}</title>
        <line className={style.axis} x1="0" x2={WIDTH} y1={HEIGHT} y2={HEIGHT} />
        <line className={style.rule} x1="0" x2={WIDTH} y1="12" y2="12" />
        <text className={style.label} x={WIDTH} y="8" textAnchor="end">
          {peak}
        </text>
        {bars.map((bar) => (
          <rect
            key={bar.hour}
            className={style.bar}
            x={bar.x}
            y={bar.y}
            width={bar.width}
            height={bar.height}
            rx="2"
          >
            <title>{`${text.hourOf(bar.hour)}: ${bar.views}`}</title>
          </rect>
        ))}
        {marks.map((mark) => (
          <text key={mark.hour} className={style.label} x={mark.x} y={HEIGHT + 14}>
            {`${mark.hour} h`}
          </text>
        ))}
      </svg>
      <figcaption className={style.caption}>{text.ago}</figcaption>
      <details className={style.table}>
        <summary>{text.asTable}</summary>
        <table>
          <caption className="visually-hidden">{text.chart}</caption>
          <thead>
            <tr>
              <th scope="col">{text.hour}</th>
              <th scope="col">{text.views}</th>
            </tr>
          </thead>
          <tbody>
            {bars
              .filter((bar) => bar.views > 0)
              .map((bar) => (
                <tr key={bar.hour}>
                  <th scope="row">{text.hourOf(bar.hour)}</th>
                  <td className="digits">{bar.views}</td>
                </tr>
              ))}
          </tbody>
        </table>
      </details>
    </figure>
  );
}
