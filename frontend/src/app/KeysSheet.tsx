import { Sheet } from "@/ui/Sheet";
import style from "./App.module.css";
import { m } from "./messages";

export function KeysSheet({ onClose }: { onClose: () => void }) {
  return (
    <Sheet title={m.keys.title} onClose={onClose}>
      <dl className={style.keys}>
        {m.keys.list.map(([keys, what]) => (
          <div key={keys}>
            <dt>{what}</dt>
            <dd>
              {keys.split(" ").map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </Sheet>
  );
}
