import type { ReactNode } from "react";
import style from "./Scene.module.css";

interface Place {
  x: number;
  y: number;
  rotation: number;
  scale: number;
}

/** Lays a thing over the picture: its middle at (x, y) of the frame, turned and scaled there. */
export function Placed({ at, children }: { at: Place; children: ReactNode }) {
  return (
    <div
      className={style.placed}
      style={{
        left: `${at.x * 100}%`,
        top: `${at.y * 100}%`,
        transform: `translate(-50%, -50%) rotate(${at.rotation}deg) scale(${at.scale})`,
      }}
    >
      {children}
    </div>
  );
}
