import { X } from "lucide-react";
import { useState } from "react";
import { m } from "@/app/messages";
import { IconButton } from "@/ui/Button";
import style from "./StoryEditor.module.css";

/** Why files were not taken, each by its name. */
export function Refused({ texts }: { texts: string[] }) {
  const [closed, setClosed] = useState<string[] | null>(null);
  if (closed === texts) return null;
  return (
    <div className={style.refused} role="alert">
      <ul>
        {texts.map((text) => (
          <li key={text}>{text}</li>
        ))}
      </ul>
      <IconButton label={m.common.close} onClick={() => setClosed(texts)}>
        <X size={16} />
      </IconButton>
    </div>
  );
}
