import { openOverlay } from "@/stores/acts/overlays";
import { toggleLiked } from "@/stores/acts/posts";
import { useShortcuts } from "@/ui/shortcuts";

const BELOW_BAR_PX = 90;

function cards(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>("[data-post]")];
}

/** The post one looks at: the focused one, else the first that reaches below the bar. */
function current(): HTMLElement | undefined {
  const focused = document.activeElement?.closest<HTMLElement>("[data-post]");
  if (focused) return focused;
  return cards().find((card) => card.getBoundingClientRect().bottom > BELOW_BAR_PX);
}

export function useFeedKeys(ids: string[], reveal: (id: string) => void): void {
  const idOf = (card: HTMLElement | undefined) => card?.dataset.post ?? "";

  function focus(id: string, triesLeft = 12) {
    const card = document.querySelector<HTMLElement>(`[data-post="${CSS.escape(id)}"]`);
    if (card) {
      card.focus({ preventScroll: true });
      card.scrollIntoView({ block: "start" });
    } else if (triesLeft > 0) {
      // The row is drawn a frame or two after the list has moved to it.
      requestAnimationFrame(() => focus(id, triesLeft - 1));
    }
  }

  function step(by: 1 | -1) {
    const here = current();
    const focused = document.activeElement?.closest("[data-post]") === here;
    const place = ids.indexOf(idOf(here));
    // The first press takes hold of the post one looks at.
    const to = ids[focused ? place + by : Math.max(0, place + (by < 0 ? by : 0))];
    if (!to) return;
    if (!document.querySelector(`[data-post="${CSS.escape(to)}"]`)) reveal(to);
    focus(to);
  }

  useShortcuts({
    j: () => step(1),
    k: () => step(-1),
    l: () => {
      const id = idOf(current());
      if (id) toggleLiked(id);
    },
    c: () => {
      const postId = idOf(current());
      if (postId) openOverlay({ is: "comments", postId });
    },
  });
}
