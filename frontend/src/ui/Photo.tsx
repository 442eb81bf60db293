import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import { classes } from "./classes";
import style from "./Photo.module.css";
import { stillOf } from "./still";
import { pixelsOf } from "./thumbhash";

interface Source {
  width: number;
  url: string;
  type: string;
}

interface PhotoProps {
  url: string | null;
  sources: Source[];
  thumbhash: string | null;
  alt: string;
  /** How wide it is shown, in the words of the `sizes` attribute. */
  sizes: string;
  eager?: boolean;
  whole?: boolean;
  /** A local picture that stands in until the server's is ready, and under it while that loads. */
  preview?: string;
  onBroken?: () => void;
  /** It is on the screen. */
  onShown?: () => void;
}

/** A canvas, not a data URL: the content security policy needs no exception for it. */
function Placeholder({ hash }: { hash: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    const pixels = pixelsOf(hash);
    const context = canvas.current?.getContext("2d");
    if (!pixels || !canvas.current || !context) return;
    canvas.current.width = pixels.width;
    canvas.current.height = pixels.height;
    context.putImageData(new ImageData(pixels.rgba, pixels.width, pixels.height), 0, 0);
  }, [hash]);
  return <canvas ref={canvas} className={style.placeholder} />;
}

function srcSet(sources: Source[], type: (mime: string) => boolean): string | undefined {
  const set = sources.filter((source) => type(source.type));
  return set.length === 0
    ? undefined
    : set.map((source) => `${source.url} ${source.width}w`).join(", ");
}

/** Fills its parent, which gives the shape; nothing moves when the picture arrives. */
export function Photo(props: PhotoProps) {
  const { sources, thumbhash, alt, sizes, eager, whole, preview, onBroken, onShown } = props;
  const url = stillOf(props.url, sources);
  const [shown, setShown] = useState(false);
  const told = useRef(onShown);
  useEffect(() => {
    told.current = onShown;
  });
  useEffect(() => {
    if (shown) told.current?.();
  }, [shown]);
  // A picture from the cache is complete before React looks: it must not fade in again.
  const look = useCallback((image: HTMLImageElement | null) => {
    if (image?.complete && image.naturalWidth > 0) setShown(true);
  }, []);
  const fit = whole && style.whole;
  return (
    <div className={classes(style.photo, whole && style.backdrop)}>
      {thumbhash && <Placeholder hash={thumbhash} />}
      {preview && (
        <img
          className={classes(style.image, style.shown, fit)}
          src={preview}
          alt={url ? "" : alt}
          draggable={false}
        />
      )}
      {url && (
        <picture>
          <source
            type="image/webp"
            srcSet={srcSet(sources, (t) => t === "image/webp")}
            sizes={sizes}
          />
          <img
            ref={look}
            className={classes(style.image, shown && style.shown, fit)}
            src={url}
            srcSet={srcSet(sources, (t) => t === "image/jpeg")}
            sizes={sizes}
            alt={alt}
            loading={eager ? "eager" : "lazy"}
            fetchPriority={eager ? "high" : "auto"}
            decoding="async"
            draggable={false}
            onLoad={() => setShown(true)}
            onError={onBroken}
          />
        </picture>
      )}
    </div>
  );
}
