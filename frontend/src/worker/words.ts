/**
 * The sentences of the service worker. A part of the catalogue that stands alone: the worker is
 * one file, and shares no code with the app.
 */
export const w = {
  name: "Glimpse",
  something: "There is something new for you.",
} as const;
