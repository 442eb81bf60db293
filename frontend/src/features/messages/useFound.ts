import { useEffect, useState } from "react";
import * as api from "@/api/operations";
import type { Hit } from "@/app/types";
import { usePages } from "@/parts/usePages";
import { dispatch, useStore } from "@/stores/store";

const PAUSE_MS = 200;
const NOTHING = { data: [], page: { next_cursor: null, has_more: false } };

/** What was typed, once the fingers rest; nothing is nothing at once. */
function useRested(words: string): string {
  const [rested, setRested] = useState(words);
  useEffect(() => {
    const timer = setTimeout(() => setRested(words), words ? PAUSE_MS : 0);
    return () => clearTimeout(timer);
  }, [words]);
  return words ? rested : "";
}

/** What is found by these words, in all conversations or in one. */
export function useFound(typed: string, within: string | null) {
  const words = useRested(typed.trim());
  const [named, setNamed] = useState<{ words: string; ids: string[] }>({ words: "", ids: [] });
  const pages = usePages<Hit>(`${within ?? ""}:${words}`, async (cursor) => {
    if (!words) return NOTHING;
    const { data, page } = await api.messages.search(words, within, cursor);
    const conversations = [...data.conversations, ...data.within];
    dispatch({ do: "entities", entities: { conversations } });
    if (cursor === null) {
      setNamed({ words, ids: data.conversations.map((one) => one.conversation_id) });
    }
    return { data: data.messages, page };
  });
  const gone = useStore((s) => s.talk.gone);
  const online = useStore((s) => s.link.is === "online");
  const { status, retry } = pages;
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is the connection that came back.
  useEffect(() => {
    if (online && status === "failed") retry();
  }, [online]);
  return {
    words,
    pages,
    hits: pages.items.filter((hit) => !gone[hit.message_id] && !gone[hit.conversation_id]),
    named: named.words === words ? named.ids.filter((id) => !gone[id]) : [],
    /** It answers what stands in the field. */
    current: words === typed.trim() && status !== "loading",
  };
}
