import { Bell, LogOut, Monitor, Moon, Star, Sun } from "lucide-react";
import { useState } from "react";
import * as api from "@/api/operations";
import { logOut } from "@/api/session";
import { m } from "@/app/messages";
import { complain } from "@/stores/acts/tell";
import { dispatch, useMe } from "@/stores/store";
import { Button } from "@/ui/Button";
import { classes } from "@/ui/classes";
import { Screen } from "@/ui/Screen";
import { Segmented } from "@/ui/Segmented";
import { Switch } from "@/ui/Switch";
import { ActivitySwitch } from "./ActivitySwitch";
import { Devices } from "./Devices";
import style from "./Settings.module.css";
import { chooseTheme, chosenTheme, type Theme } from "./theme";
import { Way } from "./Way";

const THEMES: { value: Theme; icon: React.ReactNode }[] = [
  { value: "system", icon: <Monitor size={16} /> },
  { value: "light", icon: <Sun size={16} /> },
  { value: "dark", icon: <Moon size={16} /> },
];

export function SettingsScreen() {
  const me = useMe();
  const [theme, setTheme] = useState(chosenTheme);

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
    <Screen title={m.settings.title}>
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
      <section className={classes(style.section, style.ways)}>
        <Way
          to="/settings/notifications"
          icon={<Bell size={22} aria-hidden />}
          name={m.settings.notifications}
          hint={m.settings.notificationsHint}
        />
        <Way
          to="/settings/audiences"
          icon={<Star size={22} aria-hidden />}
          name={m.telling.lists.title}
          hint={m.telling.lists.wayHint}
        />
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
    </Screen>
  );
}
