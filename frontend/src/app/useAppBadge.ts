import { useEffect } from "react";
import { useStore } from "@/stores/store";

interface Badging {
  setAppBadge?: (count: number) => Promise<void>;
  clearAppBadge?: () => Promise<void>;
}

/** The unread count on the icon of the installed app. */
export function useAppBadge(): void {
  const unread = useStore((s) => s.unread + s.talk.unread);
  useEffect(() => {
    const badge = navigator as Badging;
    const done = unread > 0 ? badge.setAppBadge?.(unread) : badge.clearAppBadge?.();
    done?.catch(() => {});
  }, [unread]);
}
