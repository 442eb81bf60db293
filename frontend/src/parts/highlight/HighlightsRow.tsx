import { Pencil, Plus, Search } from "lucide-react";
import { useCallback, useEffect, useRef, useState } from "react";
import { Link } from "wouter";
import { highlights as api } from "@/api/telling";
import { m } from "@/app/messages";
import type { HighlightRow, Profile } from "@/app/types";
import { FROM_APP } from "@/parts/story/RingedFace";
import { openOverlay } from "@/stores/acts/overlays";
import { STRANGER } from "@/stores/state";
import { useStore } from "@/stores/store";
import { Photo } from "@/ui/Photo";
import style from "./HighlightsRow.module.css";
import { onHighlights } from "./news";

const PAUSE_MS = 200;
/** With fewer one sees them all at a glance. */
const SEARCH_FROM = 6;

/** What a person keeps of their stories. Nothing at all when they keep none. */
export function HighlightsRow({ profile, own }: { profile: Profile; own: boolean }) {
  const { username } = profile;
  const relation = useStore((s) => s.relations[username] ?? STRANGER);
  const hidden =
    !own && (relation.blocked || (profile.is_private && relation.status !== "following"));
  const { rows, words, setWords } = useHighlights(username, !hidden);
  const many = rows !== null && (rows.length >= SEARCH_FROM || words !== "");
  if (hidden || rows === null || (rows.length === 0 && !own && !words)) return null;
  return (
    <section className={style.section} aria-label={m.telling.highlights.title}>
      {many && (
        <label className={style.search}>
          <Search size={16} aria-hidden />
          <input
            type="search"
            value={words}
            placeholder={m.telling.highlights.search}
            aria-label={m.telling.highlights.search}
            onChange={(event) => setWords(event.target.value)}
          />
        </label>
      )}
      <ul className={style.row}>
        {own && !words && (
          <li>
            <button
              type="button"
              className={style.one}
              onClick={() => openOverlay({ is: "highlight-edit", id: null })}
            >
              <span className={style.new}>
                <Plus size={28} strokeWidth={1.5} aria-hidden />
              </span>
              <span className={style.name}>{m.telling.highlights.new}</span>
            </button>
          </li>
        )}
        {rows.map((row) => (
          <One key={row.highlight_id} row={row} own={own} />
        ))}
      </ul>
      {rows.length === 0 && words && (
        <p className={style.none} role="status">
          {m.telling.highlights.none}
        </p>
      )}
    </section>
  );
}

function One({ row, own }: { row: HighlightRow; own: boolean }) {
  return (
    <li className={style.item}>
      <Link
        href={`/highlights/${row.highlight_id}`}
        state={FROM_APP}
        className={style.one}
        data-highlight={row.highlight_id}
      >
        <span className={style.cover}>
          <Photo
            url={row.cover?.url ?? null}
            sources={[]}
            thumbhash={row.cover?.thumbhash ?? null}
            alt=""
            sizes="4rem"
          />
        </span>
        <span className={style.name} dir="auto">
          {row.name}
        </span>
      </Link>
      {own && (
        <button
          type="button"
          className={style.edit}
          aria-label={`${m.telling.highlights.edit}: ${row.name}`}
          aria-haspopup="dialog"
          onClick={() => openOverlay({ is: "highlight-edit", id: row.highlight_id })}
        >
          <Pencil size={12} aria-hidden />
        </button>
      )}
    </li>
  );
}

/** A person's highlights, those with the words in them; asked anew when one's own change. */
function useHighlights(username: string, enabled: boolean) {
  const [rows, setRows] = useState<HighlightRow[] | null>(null);
  const [words, setWords] = useState("");
  const asked = useRef(0);
  const load = useCallback(async () => {
    const ask = ++asked.current;
    try {
      const found = await api.of(username, words.trim());
      if (asked.current === ask) setRows(found);
    } catch {
      // The profile says by itself what is wrong; a row that isn't there says nothing false.
    }
  }, [username, words]);
  useEffect(() => {
    if (!enabled) return;
    const timer = setTimeout(() => void load(), words ? PAUSE_MS : 0);
    const stop = onHighlights(() => void load());
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [enabled, words, load]);
  return { rows, words, setWords };
}
