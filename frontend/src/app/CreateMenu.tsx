import { CirclePlus, Grid2x2Plus } from "lucide-react";
import { useLocation } from "wouter";
import { openOverlay } from "@/stores/acts/overlays";
import { ActionList } from "@/ui/ActionList";
import { m } from "./messages";

/** What one can make: a post that stays, or a story for a day. */
export function CreateMenu({ onClose }: { onClose: () => void }) {
  const [, navigate] = useLocation();
  return (
    <ActionList
      title={m.telling.create}
      onClose={onClose}
      choices={[
        {
          label: m.telling.createPost,
          icon: <Grid2x2Plus size={22} />,
          run: () => openOverlay({ is: "compose" }),
        },
        {
          label: m.telling.createStory,
          icon: <CirclePlus size={22} />,
          run: () => navigate("/stories/new"),
        },
      ]}
    />
  );
}
