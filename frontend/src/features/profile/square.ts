import { m } from "@/app/messages";

const SIDE_PX = 640;
const QUALITY = 0.9;

/** The middle of a photo as a square JPEG; a file that the browser can't read goes as it is. */
export async function squareOf(file: File): Promise<Blob> {
  let image: ImageBitmap;
  try {
    image = await createImageBitmap(file);
  } catch {
    return file;
  }
  const side = Math.min(image.width, image.height);
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = Math.min(SIDE_PX, side);
  const context = canvas.getContext("2d");
  if (!context) return file;
  context.imageSmoothingQuality = "high";
  context.fillStyle = "white";
  context.fillRect(0, 0, canvas.width, canvas.height);
  const left = (image.width - side) / 2;
  const top = (image.height - side) / 2;
  context.drawImage(image, left, top, side, side, 0, 0, canvas.width, canvas.height);
  image.close();
  const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
  if (!blob) throw new Error(m.edit.pictureFailed);
  return blob;
}
