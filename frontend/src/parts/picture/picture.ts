import { type Crop, isWhole, rectOf, type Size } from "./crop";

const LOOK_PX_MAX = 1_600;
const SENT_PX_MAX = 2_160;
const QUALITY = 0.92;

/** Formats whose pixels may be cut here. A GIF would lose its motion, HEIC can't be read. */
const CUTTABLE = new Set(["image/jpeg", "image/png", "image/webp", "image/avif"]);

export interface Decoded {
  natural: Size;
  /** Small enough to be drawn at every move of a finger. */
  look: ImageBitmap;
}

/** Null for what this browser can't read: it is sent as it is, and the server judges. */
export async function decode(file: File, type: string): Promise<Decoded | null> {
  if (!CUTTABLE.has(type)) return null;
  try {
    const full = await createImageBitmap(file);
    const natural = { width: full.width, height: full.height };
    const scale = Math.min(1, LOOK_PX_MAX / Math.max(full.width, full.height));
    if (scale === 1) return { natural, look: full };
    const look = await createImageBitmap(full, {
      resizeWidth: Math.round(full.width * scale),
      resizeHeight: Math.round(full.height * scale),
      resizeQuality: "high",
    });
    full.close();
    return { natural, look };
  } catch {
    return null;
  }
}

/** Draws what the crop keeps over the whole canvas. */
export function draw(canvas: HTMLCanvasElement, image: ImageBitmap, crop: Crop): void {
  const context = canvas.getContext("2d");
  if (!context) return;
  const rect = rectOf(crop, image);
  const scale = canvas.width / rect.width;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.fillStyle = "white";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingQuality = "high";
  context.scale(scale, scale);
  context.translate(-rect.left, -rect.top);
  const turns = ((crop.turns % 4) + 4) % 4;
  if (turns === 1) context.translate(image.height, 0);
  if (turns === 2) context.translate(image.width, image.height);
  if (turns === 3) context.translate(0, image.width);
  context.rotate((turns * Math.PI) / 2);
  context.drawImage(image, 0, 0);
}

export interface Cut {
  blob: Blob;
  type: string;
}

/** The bytes that are sent: the file itself when nothing is cut, else a JPEG of what is kept. */
export async function cut(
  file: File,
  type: string,
  natural: Size | null,
  crop: Crop,
): Promise<Cut> {
  if (!natural || isWhole(crop, natural)) return { blob: file, type };
  const image = await createImageBitmap(file);
  try {
    const rect = rectOf(crop, image);
    const width = Math.round(Math.min(SENT_PX_MAX, rect.width));
    const canvas = document.createElement("canvas");
    canvas.width = width;
    canvas.height = Math.round((width * rect.height) / rect.width);
    draw(canvas, image, crop);
    const blob = await new Promise<Blob | null>((done) =>
      canvas.toBlob(done, "image/jpeg", QUALITY),
    );
    if (!blob) throw new Error("the canvas gave no image");
    return { blob, type: blob.type };
  } finally {
    image.close();
  }
}
