import { useEffect, useState } from "react";
import * as api from "@/api/operations";
import { m } from "@/app/messages";
import { complain } from "@/stores/acts/tell";
import { Switch } from "@/ui/Switch";

/** Whether others see when one is active. */
export function ActivitySwitch() {
  const [visible, setVisible] = useState<boolean | null>(null);

  useEffect(() => {
    let left = false;
    api.presence
      .get()
      .then((chosen) => !left && setVisible(chosen.visible))
      .catch(complain);
    return () => {
      left = true;
    };
  }, []);

  async function choose(on: boolean) {
    setVisible(on);
    try {
      await api.presence.update(on);
    } catch (error) {
      setVisible(!on);
      complain(error);
    }
  }

  return (
    <Switch
      label={m.presence.show}
      hint={m.presence.showHint}
      on={visible ?? true}
      disabled={visible === null}
      onChange={(on) => void choose(on)}
    />
  );
}
