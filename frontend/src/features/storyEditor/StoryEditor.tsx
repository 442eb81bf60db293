import { Camera, ImagePlus } from "lucide-react";
import { type ReactNode, useEffect, useRef, useState, useSyncExternalStore } from "react";
import { useLocation } from "wouter";
import { randomKey } from "@/api/key";
import { m } from "@/app/messages";
import type { Story } from "@/app/types";
import { ACCEPT } from "@/parts/picture/picked";
import { Refused } from "@/parts/picture/Refused";
import { useGivenFiles } from "@/parts/picture/useGivenFiles";
import { Button } from "@/ui/Button";
import { Confirm } from "@/ui/Confirm";
import { classes } from "@/ui/classes";
import { goBack } from "@/ui/useBackCloses";
import { Desk } from "./Desk";
import { Room } from "./Room";
import style from "./StoryEditor.module.css";
import { TEXT_MAX } from "./scene";
import { share } from "./share";
import { StoryDesk } from "./storyDesk";
import { NEW_TEXT, type TextThing } from "./TextBox";

interface StoryEditorProps {
  /** A story that is shown again in one's own. */
  again: Story | null;
  /** Something somebody said, to be shown: it is laid on the first picture. */
  words?: string | null;
}

function saying(words: string): TextThing {
  return { ...NEW_TEXT, text: words.slice(0, TEXT_MAX), background: "solid" };
}

/** Pick, lay things over it, share: one stage, no steps. */
export function StoryEditor({ again, words }: StoryEditorProps) {
  const [, navigate] = useLocation();
  const [desk] = useState(() => {
    const made = new StoryDesk();
    if (again) made.addStory(again);
    return made;
  });
  const state = useSyncExternalStore(desk.watch, desk.get);
  const [chosen, setChosen] = useState<string | null>(null);
  const [leaving, setLeaving] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const camera = useRef<HTMLInputElement>(null);
  const handedOver = useRef(false);
  const toLay = useRef(words);
  const item = state.items.find((one) => one.id === chosen) ?? state.items[0];

  async function add(files: File[]) {
    if (again || files.length === 0) return;
    const first = await desk.add(files);
    if (!first) return;
    setChosen(first);
    if (toLay.current) desk.lay(first, { id: randomKey(), thing: saying(toLay.current) });
    toLay.current = null;
  }
  const { over, dropping } = useGivenFiles((given) => void add(given));

  useEffect(() => {
    document.title = `${m.telling.title} · ${m.app.name}`;
  }, []);

  // Left by the browser's own way back: what was not shared is let go. React runs effects twice in
  // development, so it is looked at again once that is over.
  const here = useRef(false);
  useEffect(() => {
    here.current = true;
    return () => {
      here.current = false;
      setTimeout(() => here.current || handedOver.current || desk.clear(), 0);
    };
  }, [desk]);

  const leave = () => goBack(() => navigate("/"));
  const begun = again ? (item?.layers.length ?? 0) > 0 : state.items.length > 0;
  const close = () => (begun ? setLeaving(true) : leave());

  const picker = (capture: boolean): ReactNode => (
    <input
      ref={capture ? camera : input}
      type="file"
      multiple={!capture}
      accept={capture ? "image/*" : ACCEPT}
      capture={capture ? "environment" : undefined}
      className="visually-hidden"
      tabIndex={-1}
      aria-label={capture ? m.telling.camera : m.telling.pick}
      onChange={(event) => {
        void add([...(event.target.files ?? [])]);
        event.target.value = "";
      }}
    />
  );

  return (
    <Room title={again ? m.telling.again.title : m.telling.title} onClose={close}>
      <div className={classes(style.editor, over && style.over)} {...dropping}>
        <Refused texts={state.refused} className={style.refused} />
        {item ? (
          <Desk
            key={item.id}
            desk={desk}
            state={state}
            item={item}
            again={again}
            onSelect={setChosen}
            onAdd={() => input.current?.click()}
            onClose={close}
            onShare={() => {
              handedOver.current = true;
              share(desk, again);
              navigate("/");
              window.scrollTo(0, 0);
            }}
          />
        ) : (
          <div className={style.empty}>
            <div className={style.emptyFrame}>
              <ImagePlus size={56} strokeWidth={1.1} aria-hidden />
              <h1>{m.telling.drop}</h1>
              {words && <p dir="auto">{m.telling.words(words)}</p>}
              <p>{m.telling.dropHint}</p>
              <Button
                look="primary"
                size="large"
                data-autofocus
                onClick={() => input.current?.click()}
              >
                {m.telling.pick}
              </Button>
              <Button
                className={style.camera}
                size="large"
                icon={<Camera size={20} />}
                onClick={() => camera.current?.click()}
              >
                {m.telling.camera}
              </Button>
              <Button look="text" onClick={close}>
                {m.common.cancel}
              </Button>
            </div>
          </div>
        )}
        {picker(false)}
        {picker(true)}
      </div>
      {leaving && (
        <Confirm
          title={m.telling.discardTitle}
          hint={m.telling.discardHint}
          yes={m.telling.discard}
          no={m.telling.keep}
          onYes={() => {
            desk.clear();
            leave();
          }}
          onClose={() => setLeaving(false)}
        />
      )}
    </Room>
  );
}
