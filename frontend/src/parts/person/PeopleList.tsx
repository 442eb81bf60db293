import { Users } from "lucide-react";
import type { ReactNode } from "react";
import { m } from "@/app/messages";
import { More } from "@/parts/More";
import { useList } from "@/parts/useList";
import type { Source } from "@/stores/acts/sources";
import { Empty } from "@/ui/Empty";
import { PersonRowSkeleton } from "@/ui/Skeleton";
import { PersonRow } from "./PersonRow";

interface PeopleListProps {
  source: Source;
  onGo?: () => void;
  action?: (username: string) => ReactNode;
}

const PLACES = [1, 2, 3, 4, 5, 6];

export function PeopleList({ source, onGo, action }: PeopleListProps) {
  const list = useList(source);
  if (list.first) return PLACES.map((place) => <PersonRowSkeleton key={place} />);
  if (list.status === "ready" && list.ids.length === 0) {
    return <Empty icon={<Users size={28} />} title={m.profile.emptyPeople} />;
  }
  return (
    <ul>
      {list.ids.map((username) => (
        <li key={username}>
          <PersonRow username={username} onGo={onGo} action={action?.(username)} />
        </li>
      ))}
      <li>
        <More list={list} />
      </li>
    </ul>
  );
}
