import { useEffect, useRef, useState } from "react";

const SHOWN_MS = 1_200;

/** Posts that came to the top while one looked: they slide in, once. */
export function useArrivals(ids: string[]): Set<string> {
  const known = useRef<Set<string> | null>(null);
  const [arrived, setArrived] = useState<Set<string>>(new Set());
  useEffect(() => {
    const before = known.current;
    known.current = new Set(ids);
    if (!before) return;
    const firstOld = ids.findIndex((id) => before.has(id));
    // Nothing old is left after a reload from the start, and a page at the end is no arrival.
    const fresh = firstOld > 0 ? ids.slice(0, firstOld) : [];
    if (fresh.length === 0) return;
    setArrived(new Set(fresh));
    const timer = setTimeout(() => setArrived(new Set()), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [ids]);
  return arrived;
}
