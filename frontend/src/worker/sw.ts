/// <reference lib="webworker" />
/**
 * The service worker: shows pushes, starts the app without a network, and keeps no answer of the
 * API. What of the feed is readable offline the app keeps itself (`app/keptFeed.ts`).
 */
import { dropOldShells, keepShell, page, part, photo, still } from "./caches";
import { open, resubscribe, show } from "./push";
import { road } from "./road";

declare const self: ServiceWorkerGlobalScope;

self.addEventListener("install", (event) => {
  // Nothing waits: pages come from the network, and parts are kept for the pages that are open.
  void self.skipWaiting();
  event.waitUntil(keepShell());
});

self.addEventListener("activate", (event) => {
  event.waitUntil(dropOldShells().then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const answers = { page, part, still, photo };
  const way = road(request, new URL(request.url), self.location.origin);
  if (way) event.respondWith(answers[way](request));
});

self.addEventListener("push", (event) => event.waitUntil(show(event.data)));
self.addEventListener("notificationclick", (event) => event.waitUntil(open(event.notification)));
self.addEventListener("pushsubscriptionchange", (event) => event.waitUntil(resubscribe(event)));
