import {
  Image,
  RectangleHorizontal,
  RectangleVertical,
  RotateCw,
  Square,
  ZoomIn,
} from "lucide-react";
import { m } from "@/app/messages";
import { type Crop, type PostRatio, ZOOM_MAX } from "@/parts/picture/crop";
import { IconButton } from "@/ui/Button";
import { Segmented } from "@/ui/Segmented";
import style from "./Composer.module.css";

const SHAPES: { value: PostRatio; icon: React.ReactNode }[] = [
  { value: "original", icon: <Image size={16} /> },
  { value: "square", icon: <Square size={16} /> },
  { value: "portrait", icon: <RectangleVertical size={16} /> },
  { value: "wide", icon: <RectangleHorizontal size={16} /> },
];

export function CropTools({ crop, onCrop }: { crop: Crop; onCrop: (c: Partial<Crop>) => void }) {
  return (
    <div className={style.tools}>
      <Segmented
        label={m.composer.ratio}
        value={crop.ratio === "story" ? "original" : crop.ratio}
        options={SHAPES.map(({ value, icon }) => ({
          value,
          icon,
          label: m.composer.ratios[value],
        }))}
        onChange={(ratio) => onCrop({ ratio, zoom: 1, x: 0.5, y: 0.5 })}
      />
      <div className={style.zoom}>
        <ZoomIn size={18} aria-hidden />
        <input
          type="range"
          min={1}
          max={ZOOM_MAX}
          step={0.01}
          value={crop.zoom}
          aria-label={m.composer.zoom}
          onChange={(event) => onCrop({ zoom: Number(event.target.value) })}
        />
        <IconButton
          label={m.composer.rotate}
          onClick={() => onCrop({ turns: (crop.turns + 1) % 4, x: 0.5, y: 0.5 })}
        >
          <RotateCw size={20} />
        </IconButton>
      </div>
    </div>
  );
}
