import type { Overlay } from "@/stores/state";
import { dispatch } from "@/stores/store";

export function openOverlay(overlay: Overlay): void {
  dispatch({ do: "overlay.open", overlay });
}

export function closeOverlay(): void {
  dispatch({ do: "overlay.close" });
}
