/** Whose stories were watched last, so that the tray gives the focus back to their ring. */
let left: string | null = null;

export function leaveFrom(username: string): void {
  left = username;
}

export function takeLeft(): string | null {
  const username = left;
  left = null;
  return username;
}
