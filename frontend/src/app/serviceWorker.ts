import { navigate } from "wouter/use-browser-location";
import { renew } from "@/stores/acts/push";
import type { ToPage } from "@/worker/letters";

const LOOK_EVERY_MS = 60 * 60_000;

function onLetter({ data }: MessageEvent<ToPage>): void {
  if (data?.tell === "go") navigate(data.path);
  if (data?.tell === "resubscribe") void renew();
}

/**
 * Installs the service worker, and looks for a new one when a page that stands open for long is
 * looked at again. A new one takes over at once; the page stays the one it is.
 */
export function install(): void {
  if (!import.meta.env.PROD || !("serviceWorker" in navigator)) return;
  navigator.serviceWorker.addEventListener("message", onLetter);
  let looked = Date.now();
  navigator.serviceWorker
    .register("/sw.js", { scope: "/", updateViaCache: "none" })
    .then((registration) => {
      document.addEventListener("visibilitychange", () => {
        if (document.visibilityState !== "visible" || Date.now() - looked < LOOK_EVERY_MS) return;
        looked = Date.now();
        registration.update().catch(() => {});
      });
    })
    // Refused by the browser (private windows, policies): the app works without.
    .catch(() => {});
}
