import type { ReactNode } from "react";
import { m } from "@/app/messages";
import { classes } from "@/ui/classes";
import { Photo } from "@/ui/Photo";
import filters from "./filters.module.css";
import { FILTERS, fills, type SceneMode, type SceneStory } from "./look";
import { OverlayShape } from "./OverlayShape";
import { Placed } from "./Placed";
import style from "./Scene.module.css";
import { type OnAnswer, StickerShape } from "./StickerShape";

interface SceneProps {
  story: SceneStory;
  mode: SceneMode;
  /** Stands in for the photo: the viewer's video, the editor's local picture. Filtered as it is. */
  medium?: ReactNode;
  /** How wide it is shown, in the words of the `sizes` attribute. */
  sizes?: string;
  eager?: boolean;
  preview?: string;
  onAnswer?: OnAnswer;
  onBroken?: () => void;
  onShown?: () => void;
  /** The editor lays its own, movable things over the picture instead. */
  children?: ReactNode;
}

/** The class that draws a filter by its name in the contract. */
export function filterClass(name: string): string | undefined {
  return FILTERS.some((one) => one === name) ? filters[name] : undefined;
}

/**
 * A story's picture with all that lies over it, the same in every size: a frame of 9:16 that fills
 * its parent's width, and all lengths in it are shares of that width.
 */
export function Scene(props: SceneProps) {
  const { story, mode, medium, sizes, eager, preview, onAnswer, children } = props;
  return (
    <div className={classes(style.scene, style[mode])} inert={mode === "thumb"}>
      <div className={classes(style.medium, filterClass(story.filter))}>
        {medium ?? (
          <Photo
            url={story.media.url}
            sources={story.media.sources}
            thumbhash={story.media.thumbhash}
            alt={mode === "viewer" ? story.media.alt_text || m.stories.picture : ""}
            sizes={sizes ?? "8rem"}
            eager={eager}
            whole={!fills(story.media)}
            preview={preview}
            onBroken={props.onBroken}
            onShown={props.onShown}
          />
        )}
      </div>
      {children ?? (
        <div className={style.layer}>
          {story.overlays.map((overlay, place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a story's overlays never move.
            <Placed key={place} at={overlay}>
              <OverlayShape overlay={overlay} mode={mode} />
            </Placed>
          ))}
          {story.stickers.map((sticker) => (
            <Placed key={sticker.sticker_id} at={sticker}>
              <StickerShape sticker={sticker} mode={mode} onAnswer={onAnswer} />
            </Placed>
          ))}
        </div>
      )}
    </div>
  );
}
