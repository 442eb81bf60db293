import { Bell, Camera, Heart } from "lucide-react";
import { type ReactNode, useState } from "react";
import { Avatar } from "@/ui/Avatar";
import { Button, IconButton } from "@/ui/Button";
import { Count } from "@/ui/Count";
import { Empty, Failure } from "@/ui/Empty";
import { Area, Field } from "@/ui/Field";
import { Mark, Wordmark } from "@/ui/Mark";
import { Segmented } from "@/ui/Segmented";
import { Sheet } from "@/ui/Sheet";
import { PersonRowSkeleton, Skeleton } from "@/ui/Skeleton";
import { ProgressRing, Spinner } from "@/ui/Spinner";
import { Switch } from "@/ui/Switch";
import { TimeAgo } from "@/ui/TimeAgo";
import style from "./Gallery.module.css";

const ANA = { username: "ana", full_name: "Ana Kovač", profile_picture: null };

function Show({ name, children }: { name: string; children: ReactNode }) {
  return (
    <section className={style.show}>
      <h2>{name}</h2>
      <div className={style.row}>{children}</div>
    </section>
  );
}

/** Development only: every component in every state, to be looked at. */
export default function Gallery() {
  const [on, setOn] = useState(true);
  const [value, setValue] = useState("a");
  const [count, setCount] = useState(1284);
  const [sheet, setSheet] = useState<"sheet" | "tall" | "full" | "menu" | null>(null);
  const looks = ["primary", "soft", "quiet", "text", "danger"] as const;
  return (
    <main className={style.page}>
      <Show name="Mark">
        <Mark size={64} drawing />
        <Wordmark />
      </Show>
      <Show name="Buttons">
        {looks.map((look) => (
          <Button key={look} look={look}>
            {look}
          </Button>
        ))}
        <Button look="primary" busy>
          busy
        </Button>
        <Button look="primary" disabled>
          disabled
        </Button>
        <Button size="small">small</Button>
        <Button size="large" icon={<Camera size={18} />}>
          large
        </Button>
        <IconButton label="Like">
          <Heart size={24} />
        </IconButton>
      </Show>
      <Show name="Avatars">
        {(["tiny", "small", "normal", "large", "huge"] as const).map((size) => (
          <Avatar key={size} user={ANA} size={size} />
        ))}
      </Show>
      <Show name="Fields">
        <div className={style.form}>
          <Field label="Name" hint="A hint" />
          <Field label="Wrong" defaultValue="x" problem="That can't be." />
          <Field label="Password" type="password" defaultValue="secret" />
          <Area label="Bio" defaultValue="Some words" />
          <Switch label="Switch" hint="What it does" on={on} onChange={setOn} />
          <Segmented
            label="Choice"
            value={value}
            options={["a", "b", "c"].map((one) => ({ value: one, label: one.toUpperCase() }))}
            onChange={setValue}
          />
        </div>
      </Show>
      <Show name="Numbers and times">
        <Button onClick={() => setCount(count + 1)}>
          <Count value={count} />
        </Button>
        <TimeAgo iso={new Date(Date.now() - 7_200_000).toISOString()} />
        <TimeAgo iso="2026-01-02T10:00:00Z" long />
      </Show>
      <Show name="Waiting">
        <Spinner />
        <ProgressRing percent={20} />
        <ProgressRing percent={80} />
        <Skeleton width="8rem" height="1rem" />
        <PersonRowSkeleton />
      </Show>
      <Show name="Sheets">
        {(["sheet", "tall", "full", "menu"] as const).map((shape) => (
          <Button key={shape} onClick={() => setSheet(shape)}>
            {shape}
          </Button>
        ))}
      </Show>
      <Show name="Empty and failed">
        <Empty icon={<Bell size={30} />} title="All quiet" hint="Nothing has happened yet." />
        <Failure text="This couldn't be loaded." requestId="req_1" onRetry={() => {}} />
      </Show>
      {sheet && (
        <Sheet title="A sheet" shape={sheet} onClose={() => setSheet(null)}>
          <Empty title="Content" hint="It scrolls when it is long." />
        </Sheet>
      )}
    </main>
  );
}
