const SIZE = 16;

/** Whether a face comes out in colours: drawn in black, a letter or an empty box has none. */
function paintsEmoji(): boolean {
  const canvas = document.createElement("canvas");
  canvas.width = SIZE;
  canvas.height = SIZE;
  const brush = canvas.getContext("2d", { willReadFrequently: true });
  if (!brush) return true;
  brush.font = `${SIZE - 2}px sans-serif`;
  brush.textBaseline = "top";
  brush.fillText("😀", 0, 0);
  const { data } = brush.getImageData(0, 0, SIZE, SIZE);
  return data.some((value, place) => place % 4 < 3 && value > 40);
}

/** A system without emoji borrows ours; all others fetch nothing. */
export function lendEmoji(): void {
  const idle = window.requestIdleCallback ?? ((run: () => void) => setTimeout(run, 500));
  idle(() => {
    if (!paintsEmoji()) void import("./emoji.css").catch(() => {});
  });
}
