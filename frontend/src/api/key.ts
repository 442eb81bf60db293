/**
 * A random identifier for idempotency keys and local objects.
 * `crypto.randomUUID` exists only in secure contexts, and a phone on the LAN reaches the laptop
 * over plain http, so the bytes are drawn by hand there.
 */
export function randomKey(): string {
  if (typeof crypto.randomUUID === "function") return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
