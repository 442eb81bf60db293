import { useEffect } from "react";
import { subscribe } from "@/stores/topics";

/** Live updates of a topic for as long as something that shows it is on the screen. */
export function useTopic(topic: string | null): void {
  useEffect(() => (topic ? subscribe(topic) : undefined), [topic]);
}
