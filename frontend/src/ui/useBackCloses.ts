import { type RefObject, useEffect } from "react";

/**
 * Back closes what lies over the page, as on a phone one expects. However many sheets are open,
 * one entry of the history stands for them all: it is pushed with the first, and taken away when
 * the last was closed in another way.
 */
const open: RefObject<() => void>[] = [];
let planned = false;
/** Steps back that were taken here, not by the reader: they close nothing. */
let own = 0;

const marked = () => history.state?.sheet === true;

/** After the sheets have changed: one that closes for the next to open changes nothing. */
function settle(): void {
  planned = false;
  if (own > 0) return;
  if (open.length > 0 && !marked()) history.pushState({ sheet: true }, "");
  // Also an entry that was left behind by going elsewhere from a sheet: nothing is under it.
  if (open.length === 0 && marked()) step(-1);
}

function step(by: number): void {
  own += 1;
  history.go(by);
}

function plan(): void {
  if (planned) return;
  planned = true;
  setTimeout(settle);
}

function onBack(): void {
  if (own > 0) own -= 1;
  else if (open.length > 0 && !marked()) open.at(-1)?.current();
  // What was closed may have asked a question instead, or others may lie beneath.
  plan();
}

/** Back from a screen, also out of a sheet that lies over it: the sheet's entry goes with it. */
export function goBack(otherwise: () => void): void {
  const steps = marked() ? 2 : 1;
  if (history.length <= steps) return otherwise();
  step(-steps);
}

export function useBackCloses(close: RefObject<() => void>): void {
  useEffect(() => {
    open.push(close);
    plan();
    return () => {
      open.splice(open.indexOf(close), 1);
      plan();
    };
  }, [close]);
}

window.addEventListener("popstate", onBack);
