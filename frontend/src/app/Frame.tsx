import { type ReactNode, useEffect } from "react";
import { useLocation } from "wouter";
import { Suggestions } from "@/parts/person/Suggestions";
import { openOverlay } from "@/stores/acts/overlays";
import { useShortcuts } from "@/ui/shortcuts";
import { Connection } from "./Connection";
import style from "./Frame.module.css";
import { m } from "./messages";
import { BottomBar, Rail, TopBar } from "./Navigation";
import { useAppBadge } from "./useAppBadge";

/** Files dropped or pasted anywhere begin a post. */
function useGlobalFiles() {
  useEffect(() => {
    const busy = () => document.querySelector("dialog[open]") !== null;
    const photos = (files: FileList | undefined) =>
      [...(files ?? [])].filter((file) => file.type.startsWith("image/") || file.type === "");
    const onDragOver = (event: DragEvent) => {
      if (event.dataTransfer?.types.includes("Files")) event.preventDefault();
    };
    const onDrop = (event: DragEvent) => {
      const files = photos(event.dataTransfer?.files);
      if (event.defaultPrevented || files.length === 0) return;
      event.preventDefault();
      if (!busy()) openOverlay({ is: "compose", files });
    };
    const onPaste = (event: ClipboardEvent) => {
      const files = photos(event.clipboardData?.files);
      if (!busy() && files.length > 0) openOverlay({ is: "compose", files });
    };
    window.addEventListener("dragover", onDragOver);
    window.addEventListener("drop", onDrop);
    window.addEventListener("paste", onPaste);
    return () => {
      window.removeEventListener("dragover", onDragOver);
      window.removeEventListener("drop", onDrop);
      window.removeEventListener("paste", onPaste);
    };
  }, []);
}

/** Messages fill the window and scroll inside; on a phone a thread has it all for itself. */
function stageOf(path: string): "list" | "alone" | undefined {
  if (!path.startsWith("/messages")) return undefined;
  return path === "/messages" || path === "/messages/requests" ? "list" : "alone";
}

export function Frame({ children }: { children: ReactNode }) {
  const [path, navigate] = useLocation();
  useGlobalFiles();
  useAppBadge();
  useShortcuts({
    n: () => openOverlay({ is: "compose" }),
    "?": () => openOverlay({ is: "keys" }),
    "g h": () => navigate("/"),
    "g m": () => navigate("/messages"),
  });
  const wide = path !== "/";
  const stage = stageOf(path);
  return (
    <div className={style.frame} data-wide={wide || undefined} data-stage={stage}>
      <a href="#main" className={style.skip}>
        {m.nav.skip}
      </a>
      <Rail />
      <div className={style.column}>
        {!stage && <TopBar />}
        <Connection />
        <main id="main" className={style.main} tabIndex={-1}>
          {children}
        </main>
      </div>
      {!wide && (
        <aside className={style.aside} aria-label={m.feed.suggestions}>
          <div className={style.stay}>
            <Suggestions />
          </div>
        </aside>
      )}
      {stage !== "alone" && <BottomBar />}
    </div>
  );
}
