import { randomKey } from "./key";

/**
 * Runs `work` in one tab at a time. Refresh tokens rotate and the use of an old one revokes the
 * whole family, so two tabs must never refresh together. `navigator.locks` needs a secure context;
 * over plain http on the LAN a lease in localStorage does the same, less strictly.
 */
export async function inOneTab<T>(name: string, work: () => Promise<T>): Promise<T> {
  if (navigator.locks) return navigator.locks.request(name, work);
  const mine = randomKey();
  await lease(name, mine);
  try {
    return await work();
  } finally {
    if (read(name)?.owner === mine) localStorage.removeItem(name);
  }
}

const LEASE_MS = 10_000;
const POLL_MS = 60;

interface Lease {
  owner: string;
  until: number;
}

function read(name: string): Lease | null {
  try {
    return JSON.parse(localStorage.getItem(name) ?? "null") as Lease | null;
  } catch {
    return null;
  }
}

async function lease(name: string, owner: string): Promise<void> {
  const giveUpAt = Date.now() + LEASE_MS;
  while (Date.now() < giveUpAt) {
    const held = read(name);
    if (!held || held.until < Date.now()) {
      try {
        localStorage.setItem(name, JSON.stringify({ owner, until: Date.now() + LEASE_MS }));
      } catch {
        return;
      }
      // Another tab may have written in the same instant: the last writer has it.
      await new Promise((done) => setTimeout(done, POLL_MS));
      if (read(name)?.owner === owner) return;
    }
    await new Promise((done) => setTimeout(done, POLL_MS));
  }
}
