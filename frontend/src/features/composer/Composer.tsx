import { ImagePlus } from "lucide-react";
import { type CSSProperties, useEffect, useRef, useState, useSyncExternalStore } from "react";
import { m } from "@/app/messages";
import { ACCEPT } from "@/parts/picture/picked";
import { Refused } from "@/parts/picture/Refused";
import { stateOf } from "@/parts/picture/stateOf";
import { useGivenFiles } from "@/parts/picture/useGivenFiles";
import { Button } from "@/ui/Button";
import { Confirm } from "@/ui/Confirm";
import { classes } from "@/ui/classes";
import { Sheet } from "@/ui/Sheet";
import style from "./Composer.module.css";
import { CropStage } from "./CropStage";
import { CropTools } from "./CropTools";
import { captionProblem, Details } from "./Details";
import { Desk, shownRatio } from "./desk";
import { FilmStage } from "./FilmStage";
import { Strip } from "./Strip";
import { share } from "./share";
import { TagPicker } from "./TagPicker";

interface ComposerProps {
  files?: File[];
  onClose: () => void;
  onShared: () => void;
}

/** Pick, cut, say something, share: one stage, no steps. */
export function Composer({ files, onClose, onShared }: ComposerProps) {
  const [desk] = useState(() => new Desk());
  const { items, caption, place, audience, refused } = useSyncExternalStore(desk.watch, desk.get);
  const [chosen, setChosen] = useState<string | null>(null);
  const [leaving, setLeaving] = useState(false);
  const [tagging, setTagging] = useState(false);
  const [spot, setSpot] = useState<{ x: number; y: number } | null>(null);
  const input = useRef<HTMLInputElement>(null);
  const item = items.find((one) => one.id === chosen) ?? items[0];
  const begun = items.length > 0 || caption.trim() !== "";

  const first = useRef(files);
  useEffect(() => {
    // React runs effects twice in development; the files are added once.
    const given = first.current;
    first.current = undefined;
    if (given) void desk.add(given);
  }, [desk]);

  const { over, dropping } = useGivenFiles((given) => void desk.add(given));

  function close() {
    if (begun) setLeaving(true);
    else onClose();
  }

  const ready =
    items.length > 0 &&
    captionProblem(caption) === null &&
    items.every((one) => one.stage !== "failed");

  return (
    <Sheet
      title={m.composer.title}
      shape="full"
      onClose={close}
      action={
        items.length > 0 && (
          <Button
            look="primary"
            size="small"
            disabled={!ready}
            onClick={() => {
              share(desk);
              onShared();
            }}
          >
            {m.composer.share}
          </Button>
        )
      }
    >
      <div className={classes(style.composer, over && style.over)} {...dropping}>
        <Refused texts={refused} />
        {item ? (
          <div className={style.desk}>
            <div className={style.left}>
              <div className={style.stage}>
                <div
                  className={style.frame}
                  style={{ "--ratio": shownRatio(item) } as CSSProperties}
                >
                  {item.film ? (
                    <FilmStage
                      key={item.id}
                      film={item.film}
                      onPlace={tagging ? (x, y) => setSpot({ x, y }) : null}
                    />
                  ) : (
                    <CropStage
                      key={item.id}
                      item={item}
                      onCrop={(change) => desk.recut(item.id, change)}
                      onPlace={tagging ? (x, y) => setSpot({ x, y }) : null}
                    />
                  )}
                  {item.tags.map((tag) => (
                    <span
                      key={tag.username}
                      className={style.mark}
                      style={{ left: `${tag.x * 100}%`, top: `${tag.y * 100}%` }}
                    >
                      {tag.username}
                    </span>
                  ))}
                </div>
              </div>
              {item.decoded && (
                <CropTools crop={item.crop} onCrop={(change) => desk.recut(item.id, change)} />
              )}
              <Strip
                desk={desk}
                items={items}
                selected={item.id}
                onSelect={setChosen}
                onAdd={() => input.current?.click()}
              />
              {item.stage === "failed" ? (
                <div className={style.failure} role="alert">
                  <p>{stateOf(item)}</p>
                  <Button size="small" onClick={() => desk.retry(item.id)}>
                    {m.common.retry}
                  </Button>
                </div>
              ) : (
                <p className={classes(style.status, "digits")}>{stateOf(item)}</p>
              )}
            </div>
            <Details
              desk={desk}
              caption={caption}
              place={place}
              audience={audience}
              item={item}
              tagging={tagging}
              onTagging={setTagging}
            />
          </div>
        ) : (
          <div className={style.empty}>
            <ImagePlus size={64} strokeWidth={1.1} aria-hidden />
            <h3>{m.composer.drop}</h3>
            <p>{m.composer.dropHint}</p>
            <Button
              look="primary"
              size="large"
              data-autofocus
              onClick={() => input.current?.click()}
            >
              {m.composer.pick}
            </Button>
          </div>
        )}
        <input
          ref={input}
          type="file"
          multiple
          accept={ACCEPT}
          className="visually-hidden"
          tabIndex={-1}
          aria-label={m.composer.pick}
          onChange={(event) => {
            void desk.add([...(event.target.files ?? [])]);
            event.target.value = "";
          }}
        />
      </div>
      {spot && item && (
        <TagPicker
          onClose={() => setSpot(null)}
          onPick={(username) => {
            const others = item.tags.filter((tag) => tag.username !== username);
            desk.patch(item.id, { tags: [...others, { username, ...spot }] });
            setSpot(null);
          }}
        />
      )}
      {leaving && (
        <Confirm
          title={m.composer.discardTitle}
          hint={m.composer.discardHint}
          yes={m.composer.discard}
          no={m.composer.keep}
          onYes={() => {
            desk.clear();
            onClose();
          }}
          onClose={() => setLeaving(false)}
        />
      )}
    </Sheet>
  );
}
