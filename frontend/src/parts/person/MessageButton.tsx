import { useState } from "react";
import { useLocation } from "wouter";
import { m } from "@/app/messages";
import { begin } from "@/stores/acts/conversations";
import { useStore } from "@/stores/store";
import { Button } from "@/ui/Button";

/** Opens the conversation with somebody. */
export function MessageButton({ username }: { username: string }) {
  const [, navigate] = useLocation();
  const [busy, setBusy] = useState(false);
  const blocked = useStore((s) => s.relations[username]?.blocked === true);
  if (blocked) return null;
  async function open() {
    setBusy(true);
    const id = await begin([username], null);
    setBusy(false);
    if (id) navigate(`/messages/${id}`);
  }
  return (
    <Button size="small" wide busy={busy} disabled={busy} onClick={open}>
      {m.talk.message}
    </Button>
  );
}
