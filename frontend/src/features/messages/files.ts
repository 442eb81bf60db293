import { m } from "@/app/messages";
import { isVisual, judged, type Picked } from "@/parts/picture/picked";
import { sendMessage } from "@/stores/acts/outgoing";
import { say } from "@/stores/acts/tell";
import type { Preview } from "@/stores/state";

const AT_ONCE_MAX = 10;

/** Its shape is known before it is sent, so that nothing moves when the server's comes. */
async function previewOf({ file, kind, size, still }: Picked): Promise<Preview> {
  if (kind === "video") {
    const shape = size ?? { width: 1, height: 1 };
    return { url: still && URL.createObjectURL(still), film: true, ...shape };
  }
  try {
    const image = await createImageBitmap(file);
    const { width, height } = image;
    image.close();
    return { url: URL.createObjectURL(file), width, height };
  } catch {
    return { url: null, width: 1, height: 1 };
  }
}

/** Each is a message of its own; those that can't be sent say why. */
export async function sendFiles(conversationId: string, files: File[]): Promise<void> {
  if (files.length > AT_ONCE_MAX) say(m.talk.tooMany);
  for (const file of files.slice(0, AT_ONCE_MAX)) {
    const picked = await judged(file);
    if (typeof picked === "string") say(picked);
    else {
      const preview = await previewOf(picked);
      sendMessage(conversationId, { photo: { file, type: picked.type, preview } });
    }
  }
}

export function visualsOf(files: FileList | null | undefined): File[] {
  return [...(files ?? [])].filter(isVisual);
}
