import { ChevronRight } from "lucide-react";
import type { ReactNode } from "react";
import { Link } from "wouter";
import { NameLine } from "@/ui/NameLine";
import style from "./Settings.module.css";

interface WayProps {
  to: string;
  icon: ReactNode;
  name: string;
  hint: string;
}

/** From the settings to a page of more of them. */
export function Way({ to, icon, name, hint }: WayProps) {
  return (
    <Link href={to} className={style.way}>
      {icon}
      <NameLine name={name} hint={hint} />
      <ChevronRight size={20} aria-hidden />
    </Link>
  );
}
