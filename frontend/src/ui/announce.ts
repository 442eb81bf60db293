/** Says something to a screen reader, politely and never twice in a row. */
let region: HTMLElement | null = null;

export function announce(text: string): void {
  region ??= document.querySelector("[data-announcer]");
  if (!region?.isConnected) region = document.querySelector("[data-announcer]");
  if (region) region.textContent = text;
}
