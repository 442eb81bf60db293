import { useMemo } from "react";
import { Link } from "wouter";
import style from "./RichText.module.css";
import { piecesOf } from "./richText";

/** Text of a person with its @mentions and links alive and its #hashtags set apart. */
export function RichText({ text }: { text: string }) {
  const pieces = useMemo(() => piecesOf(text), [text]);
  return (
    <span className={style.text} dir="auto">
      {pieces.map((piece, place) => {
        // The pieces of one text never move, so their place is their identity.
        const key = `${place}${piece.text}`;
        switch (piece.is) {
          case "mention":
            return (
              <Link key={key} href={`/u/${piece.username}`} className={style.mark}>
                {piece.text}
              </Link>
            );
          case "link":
            return (
              <a
                key={key}
                href={piece.href}
                className={style.mark}
                target="_blank"
                rel="noopener noreferrer nofollow"
              >
                {piece.text}
              </a>
            );
          case "tag":
            return (
              <span key={key} className={style.tag}>
                {piece.text}
              </span>
            );
          default:
            return piece.text;
        }
      })}
    </span>
  );
}
