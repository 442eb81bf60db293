import { useCallback, useEffect, useState } from "react";
import { type PushState, pushState, turnOff, turnOn } from "@/stores/acts/push";
import { complain } from "@/stores/acts/tell";
import { useMe } from "@/stores/store";

/** Push on this device; `state` null until it is known. The browser is asked by `set(true)` only. */
export function usePush() {
  const userId = useMe()?.user_id;
  const [state, setState] = useState<PushState | null>(null);
  const [busy, setBusy] = useState(false);

  const look = useCallback(async () => {
    if (!userId) return;
    try {
      setState(await pushState(userId));
    } catch {
      // Offline: it is asked again when the screen is next shown.
    }
  }, [userId]);
  useEffect(() => {
    void look();
    // In the site's settings the permission may have been given meanwhile.
    document.addEventListener("visibilitychange", look);
    return () => document.removeEventListener("visibilitychange", look);
  }, [look]);

  async function set(on: boolean) {
    if (!userId) return;
    setBusy(true);
    try {
      if (on) setState(await turnOn(userId));
      else {
        await turnOff();
        setState("off");
      }
    } catch (error) {
      complain(error);
      await look();
    } finally {
      setBusy(false);
    }
  }
  return { state, busy, set };
}
