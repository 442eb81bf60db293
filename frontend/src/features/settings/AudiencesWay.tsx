import { ChevronRight, Star } from "lucide-react";
import { Link } from "wouter";
import { m } from "@/app/messages";
import style from "./Audiences.module.css";

/** From the settings to close friends and lists. */
export function AudiencesWay() {
  return (
    <Link href="/settings/audiences" className={style.way}>
      <Star size={22} aria-hidden />
      <span className={style.words}>
        <strong>{m.telling.lists.title}</strong>
        <span>{m.telling.lists.wayHint}</span>
      </span>
      <ChevronRight size={20} aria-hidden />
    </Link>
  );
}
