const PATIENCE_MS = 1_500;

let open: () => void = () => {};

/** Resolves when the socket first stands, or when waiting longer would only keep the page empty. */
export const connected = new Promise<void>((resolve) => {
  open = resolve;
});

export function openGate(): void {
  open();
}

export function openGateSoon(): void {
  setTimeout(open, PATIENCE_MS);
}
