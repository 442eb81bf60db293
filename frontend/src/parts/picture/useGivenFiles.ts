import { type DragEvent, useEffect, useRef, useState } from "react";

/** Files that are dropped on something, or pasted anywhere while it is there. */
export function useGivenFiles(onFiles: (files: File[]) => void) {
  const [over, setOver] = useState(false);
  const given = useRef(onFiles);
  useEffect(() => {
    given.current = onFiles;
  });
  useEffect(() => {
    const onPaste = (event: ClipboardEvent) => {
      const pasted = [...(event.clipboardData?.files ?? [])];
      if (pasted.length === 0) return;
      event.preventDefault();
      given.current(pasted);
    };
    document.addEventListener("paste", onPaste);
    return () => document.removeEventListener("paste", onPaste);
  }, []);
  const dropping = {
    onDragOver: (event: DragEvent) => {
      if (!event.dataTransfer.types.includes("Files")) return;
      event.preventDefault();
      setOver(true);
    },
    onDragLeave: (event: DragEvent) => {
      if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOver(false);
    },
    onDrop: (event: DragEvent) => {
      if (event.dataTransfer.files.length === 0) return;
      event.preventDefault();
      setOver(false);
      given.current([...event.dataTransfer.files]);
    },
  };
  return { over, dropping };
}
