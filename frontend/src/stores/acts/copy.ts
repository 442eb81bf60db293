import { m } from "@/app/messages";
import { say } from "./tell";

/** Puts the address of a page of this app on the clipboard. */
export async function copyAddress(path: string): Promise<void> {
  const link = `${location.origin}${path}`;
  // The clipboard needs a secure context, which plain http on the LAN is not.
  if (navigator.clipboard) await navigator.clipboard.writeText(link).catch(() => {});
  else copyByHand(link);
  say(m.common.copied);
}

function copyByHand(text: string): void {
  const field = document.createElement("textarea");
  field.value = text;
  document.body.append(field);
  field.select();
  document.execCommand("copy");
  field.remove();
}
