import { X } from "lucide-react";
import { useState } from "react";
import { m } from "@/app/messages";
import { IconButton } from "@/ui/Button";
import { classes } from "@/ui/classes";
import style from "./Refused.module.css";

interface RefusedProps {
  texts: string[];
  className?: string;
}

/** Why files were not taken, each by its name. */
export function Refused({ texts, className }: RefusedProps) {
  const [closed, setClosed] = useState<string[] | null>(null);
  if (closed === texts || texts.length === 0) return null;
  return (
    <div className={classes(style.refused, className)} role="alert">
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
