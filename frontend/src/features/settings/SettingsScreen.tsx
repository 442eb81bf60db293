import { Bell, ChevronRight, LogOut, Monitor, Moon, Sun } from "lucide-react";
import { useEffect, useState } from "react";
import { Link } from "wouter";
import * as api from "@/api/operations";
import { logOut } from "@/api/session";
import { m } from "@/app/messages";
import { complain } from "@/stores/acts/tell";
import { dispatch, useMe } from "@/stores/store";
import { Button } from "@/ui/Button";
import { Segmented } from "@/ui/Segmented";
import { Switch } from "@/ui/Switch";
import { ActivitySwitch } from "./ActivitySwitch";
import { AudiencesWay } from "./AudiencesWay";
import { Devices } from "./Devices";
import style from "./Settings.module.css";
import { chooseTheme, chosenTheme, type Theme } from "./theme";

const THEMES: { value: Theme; icon: React.ReactNode }[] = [
  { value: "system", icon: <Monitor size={16} /> },
  { value: "light", icon: <Sun size={16} /> },
  { value: "dark", icon: <Moon size={16} /> },
];

export function SettingsScreen() {
  const me = useMe();
  const [theme, setTheme] = useState(chosenTheme);

  useEffect(() => {
    document.title = `${m.settings.title} · ${m.app.name}`;
    window.scrollTo(0, 0);
  }, []);

  if (!me) return null;

  async function setPrivate(on: boolean) {
    if (!me) return;
    dispatch({ do: "me", patch: { is_private: on } });
    try {
      const changed = await api.users.update(me.username, {
        privacy_level: on ? "private" : "public",
      });
      dispatch({ do: "me", patch: changed });
    } catch (error) {
      dispatch({ do: "me", patch: { is_private: !on } });
      complain(error);
    }
  }

  return (
    <div className={style.screen}>
      <h1 className={style.title}>{m.settings.title}</h1>
      <section className={style.section}>
        <h2>{m.settings.appearance}</h2>
        <Segmented
          label={m.settings.appearance}
          value={theme}
          options={THEMES.map((one) => ({ ...one, label: m.settings.themes[one.value] }))}
          onChange={(next) => {
            setTheme(next);
            chooseTheme(next);
          }}
        />
      </section>
      <section className={style.section}>
        <h2>{m.settings.account}</h2>
        <Switch
          label={m.settings.private}
          hint={m.settings.privateHint}
          on={me.is_private}
          onChange={(on) => void setPrivate(on)}
        />
        <ActivitySwitch />
      </section>
      <section className={style.section}>
        <Link href="/settings/notifications" className={style.way}>
          <Bell size={22} aria-hidden />
          <span className={style.words}>
            <span className={style.name}>{m.settings.notifications}</span>
            <span className={style.hint}>{m.settings.notificationsHint}</span>
          </span>
          <ChevronRight size={20} aria-hidden />
        </Link>
      </section>
      <section className={style.section}>
        <AudiencesWay />
      </section>
      <Devices />
      <section className={style.section}>
        <p className={style.who}>{m.settings.loggedIn(me.username)}</p>
        <Button
          look="danger"
          icon={<LogOut size={18} />}
          onClick={() => void logOut().catch(complain)}
        >
          {m.settings.logOut}
        </Button>
      </section>
    </div>
  );
}
