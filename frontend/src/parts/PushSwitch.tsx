import { BellRing } from "lucide-react";
import { useState } from "react";
import { m } from "@/app/messages";
import { Button } from "@/ui/Button";
import { Switch } from "@/ui/Switch";
import style from "./PushSwitch.module.css";
import { usePush } from "./usePush";

/** Push on this device, or why there is none and what one can do about it. */
export function PushSwitch() {
  const { state, busy, set } = usePush();
  const { push } = m.notify;
  switch (state) {
    case "unsupported":
    case "install":
    case "absent":
      return <p className={style.why}>{push[state]}</p>;
    case "denied":
      return (
        <p className={style.why}>
          <strong>{push.denied}</strong>
          {push.deniedHint}
        </p>
      );
    default:
      return (
        <Switch
          label={push.label}
          hint={push.hint}
          on={state === "on"}
          disabled={busy || state === null}
          onChange={(on) => void set(on)}
        />
      );
  }
}

const ANSWERED = "glimpse.push.offered";

function answered(): boolean {
  try {
    return localStorage.getItem(ANSWERED) !== null;
  } catch {
    return true;
  }
}

/** Asked once, where one sees what one would be told of; the browser's own question comes after. */
export function PushOffer() {
  const { state, busy, set } = usePush();
  const [gone, setGone] = useState(answered);
  const { push } = m.notify;
  if (gone || state !== "off") return null;
  const close = () => {
    setGone(true);
    try {
      localStorage.setItem(ANSWERED, "1");
    } catch {
      // It is asked again then.
    }
  };
  return (
    <section className={style.offer} aria-label={push.label}>
      <BellRing size={22} aria-hidden />
      <p>
        <strong>{push.offer}</strong>
        <span>{push.offerHint}</span>
      </p>
      <div className={style.answers}>
        <Button size="small" look="primary" busy={busy} onClick={() => void set(true).then(close)}>
          {push.turnOn}
        </Button>
        <Button size="small" look="text" onClick={close}>
          {push.notNow}
        </Button>
      </div>
    </section>
  );
}
