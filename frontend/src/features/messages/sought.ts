/** What one looks for: words, in all conversations or within one. */
export interface Sought {
  words: string;
  within: string | null;
}

export const NOTHING_SOUGHT: Sought = { words: "", within: null };
