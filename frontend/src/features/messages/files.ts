import { m } from "@/app/messages";
import { sendMessage } from "@/stores/acts/outgoing";
import { say } from "@/stores/acts/tell";
import type { Preview } from "@/stores/state";

const BYTES_MAX = 20 * 1024 * 1024;
const AT_ONCE_MAX = 10;
const TYPES: Record<string, string> = {
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  png: "image/png",
  webp: "image/webp",
  avif: "image/avif",
  heic: "image/heic",
  heif: "image/heif",
  gif: "image/gif",
};
export const ACCEPT = [...new Set(Object.values(TYPES))].join(",");

function typeOf(file: File): string | null {
  if (Object.values(TYPES).includes(file.type)) return file.type;
  const ending = file.name.split(".").pop()?.toLowerCase() ?? "";
  return file.type === "" ? (TYPES[ending] ?? null) : null;
}

/** Its shape is known before it is sent, so that nothing moves when the server's comes. */
async function previewOf(file: File): Promise<Preview> {
  try {
    const image = await createImageBitmap(file);
    const { width, height } = image;
    image.close();
    return { url: URL.createObjectURL(file), width, height };
  } catch {
    return { url: null, width: 1, height: 1 };
  }
}

/** Each photo is a message of its own; those that can't be sent say why. */
export async function sendPhotos(conversationId: string, files: File[]): Promise<void> {
  for (const file of files.slice(0, AT_ONCE_MAX)) {
    const type = typeOf(file);
    if (!type) say(m.talk.wrongType(file.name));
    else if (file.size > BYTES_MAX) say(m.talk.tooLarge(file.name));
    else {
      const preview = await previewOf(file);
      sendMessage(conversationId, { photo: { file, type, preview } });
    }
  }
}

export function photosOf(files: FileList | null | undefined): File[] {
  return [...(files ?? [])].filter((file) => file.type.startsWith("image/"));
}
