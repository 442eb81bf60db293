import { Link2, MapPin } from "lucide-react";
import type { CSSProperties, ReactNode } from "react";
import { Link } from "wouter";
import { m } from "@/app/messages";
import type { StoryOverlay } from "@/app/types";
import { classes } from "@/ui/classes";
import "./fonts.css";
import { FONTS, inkOf, inkOn, type SceneMode, safeLink } from "./look";
import style from "./Overlay.module.css";

interface ShapeProps {
  overlay: StoryOverlay;
  mode: SceneMode;
}

const ink = (overlay: StoryOverlay) =>
  ({ "--ink": inkOf(overlay.color), "--on-ink": inkOn(overlay.color) }) as CSSProperties;

/** One overlay as data says it, alive only in the viewer. */
export function OverlayShape({ overlay, mode }: ShapeProps) {
  switch (overlay.kind) {
    case "text":
      return <Text overlay={overlay} />;
    case "emoji":
      return (
        <span className={style.emoji} role="img" aria-label={overlay.emoji}>
          {overlay.emoji}
        </span>
      );
    case "drawing":
      return <Drawing overlay={overlay} />;
    case "mention":
      return (
        <Pill
          overlay={overlay}
          to={mode === "viewer" && overlay.username ? `/u/${overlay.username}` : null}
        >
          @{overlay.username ?? m.stories.somebody}
        </Pill>
      );
    case "hashtag":
      return <Pill overlay={overlay}>#{overlay.tag}</Pill>;
    case "place":
      return (
        <Pill overlay={overlay}>
          <MapPin aria-hidden /> {overlay.name}
        </Pill>
      );
    case "link":
      return <Outside overlay={overlay} mode={mode} />;
  }
}

function Text({ overlay }: { overlay: StoryOverlay }) {
  const font = FONTS.find((one) => one === overlay.font) ?? "classic";
  const background = overlay.background ?? "none";
  return (
    <p
      className={classes(style.text, style[font])}
      style={{ ...ink(overlay), textAlign: alignOf(overlay.align) }}
      dir="auto"
    >
      <span
        className={classes(
          background === "solid" && style.solid,
          background === "soft" && style.soft,
        )}
      >
        {overlay.text}
      </span>
    </p>
  );
}

function alignOf(align: string | undefined): "left" | "center" | "right" {
  return align === "left" || align === "right" ? align : "center";
}

/** Points are shares of the frame, which is 9 wide and 16 high. */
function Drawing({ overlay }: { overlay: StoryOverlay }) {
  return (
    <svg className={style.drawing} viewBox="0 0 9 16" aria-hidden="true">
      {overlay.strokes?.map((stroke, place) => (
        <polyline
          // biome-ignore lint/suspicious/noArrayIndexKey: the strokes of one drawing never move.
          key={place}
          points={stroke.points.map(([x = 0, y = 0]) => `${x * 9},${y * 16}`).join(" ")}
          style={{ stroke: inkOf(stroke.color), strokeWidth: stroke.width * 9 }}
        />
      ))}
    </svg>
  );
}

function Pill(props: { overlay: StoryOverlay; to?: string | null; children: ReactNode }) {
  const look = { className: style.pill, style: ink(props.overlay), dir: "auto" };
  if (props.to) {
    return (
      <Link href={props.to} {...look}>
        {props.children}
      </Link>
    );
  }
  return <span {...look}>{props.children}</span>;
}

/** A link out of the app. Its host always stands there, whatever its label claims. */
function Outside({ overlay, mode }: ShapeProps) {
  const link = safeLink(overlay.url);
  const words = (
    <>
      <Link2 aria-hidden />
      <span className={style.words}>
        {overlay.label && <span dir="auto">{overlay.label}</span>}
        <span className={overlay.label ? style.host : undefined} dir="ltr">
          {link?.host ?? overlay.url}
        </span>
      </span>
    </>
  );
  if (mode !== "viewer" || !link) return <span className={style.link}>{words}</span>;
  return (
    <a
      className={style.link}
      href={link.href}
      title={link.href}
      target="_blank"
      rel="noopener noreferrer nofollow ugc"
    >
      {words}
    </a>
  );
}
