import { type RefObject, useEffect } from "react";

/**
 * Back closes what lies over the page, as on a phone one expects. However many sheets are open,
 * one entry of the history stands for them all: it is pushed with the first, and taken away when
 * the last was closed in another way.
 */
const open: RefObject<() => void>[] = [];
let planned = false;
let leaving = false;

const marked = () => history.state?.sheet === true;

/** After the sheets have changed: one that closes for the next to open changes nothing. */
function settle(): void {
  planned = false;
  if (leaving) return;
  if (open.length > 0 && !marked()) history.pushState({ sheet: true }, "");
  // Also an entry that was left behind by going elsewhere from a sheet: nothing is under it.
  if (open.length === 0 && marked()) history.back();
}

function plan(): void {
  if (planned) return;
  planned = true;
  setTimeout(settle);
}

function onBack(): void {
  if (open.length > 0 && !marked()) open.at(-1)?.current();
  // What was closed may have asked a question instead, or others may lie beneath.
  plan();
}

/** Back from a screen, also out of a sheet that lies over it: the sheet's entry goes with it. */
export function goBack(otherwise: () => void): void {
  const steps = marked() ? 2 : 1;
  if (history.length <= steps) return otherwise();
  leaving = true;
  const left = () => {
    leaving = false;
  };
  window.addEventListener("popstate", left, { once: true });
  history.go(-steps);
}

export function useBackCloses(close: RefObject<() => void>): void {
  useEffect(() => {
    if (open.length === 0) window.addEventListener("popstate", onBack);
    open.push(close);
    plan();
    return () => {
      open.splice(open.indexOf(close), 1);
      plan();
    };
  }, [close]);
}
