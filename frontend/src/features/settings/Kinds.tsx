import { m } from "@/app/messages";
import type { Channel, NotificationKind, Preferences } from "@/app/types";
import style from "./Kinds.module.css";

const CHANNELS: Channel[] = ["in_app", "push", "email"];
const KINDS = Object.keys(m.notify.kinds.names) as NotificationKind[];

interface KindsProps {
  kinds: Preferences["kinds"];
  onChange: (kind: NotificationKind, channel: Channel, on: boolean) => void;
}

/** By kind and channel. What is off in the app can't come in another way, and says so. */
export function Kinds({ kinds, onChange }: KindsProps) {
  const { names, columns, of } = m.notify.kinds;
  return (
    <table className={style.table}>
      <thead>
        <tr>
          <td />
          {CHANNELS.map((channel) => (
            <th key={channel} scope="col">
              {columns[channel]}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {KINDS.map((kind) => (
          <tr key={kind}>
            <th scope="row">{names[kind]}</th>
            {CHANNELS.map((channel) => (
              <td key={channel}>
                <label className={style.cell}>
                  <input
                    type="checkbox"
                    aria-label={of(names[kind], columns[channel])}
                    checked={kinds[kind][channel] && (channel === "in_app" || kinds[kind].in_app)}
                    disabled={channel !== "in_app" && !kinds[kind].in_app}
                    onChange={(event) => onChange(kind, channel, event.target.checked)}
                  />
                </label>
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
