import { Laptop, Smartphone } from "lucide-react";
import { useCallback, useEffect, useState } from "react";
import { type Problem, problemOf } from "@/api/errors";
import * as api from "@/api/operations";
import { m } from "@/app/messages";
import type { Device } from "@/app/types";
import { complain, say } from "@/stores/acts/tell";
import { Button } from "@/ui/Button";
import { Confirm } from "@/ui/Confirm";
import { Failure } from "@/ui/Empty";
import { PersonRowSkeleton } from "@/ui/Skeleton";
import { TimeAgo } from "@/ui/TimeAgo";
import style from "./Settings.module.css";

export function Devices() {
  const [devices, setDevices] = useState<Device[] | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [asking, setAsking] = useState(false);

  const load = useCallback(async () => {
    setProblem(null);
    try {
      setDevices(await api.sessions.list());
    } catch (error) {
      setProblem(problemOf(error));
    }
  }, []);

  useEffect(() => {
    void load();
  }, [load]);

  async function revoke(id: string) {
    const before = devices;
    setDevices((now) => now?.filter((one) => one.session_id !== id) ?? null);
    try {
      await api.sessions.revoke(id);
    } catch (error) {
      setDevices(before);
      complain(error);
    }
  }

  async function revokeOthers() {
    try {
      await api.sessions.revokeOthers();
      setDevices((now) => now?.filter((one) => one.is_current) ?? null);
      say(m.settings.loggedOutAll);
    } catch (error) {
      complain(error);
    }
  }

  return (
    <section className={style.section}>
      <h2>{m.settings.devices}</h2>
      <p className={style.hint}>{m.settings.devicesHint}</p>
      {problem && <Failure {...problem} onRetry={() => void load()} />}
      {!devices && !problem && <PersonRowSkeleton />}
      <ul>
        {devices?.map((device) => (
          <DeviceRow key={device.session_id} device={device} onRevoke={revoke} />
        ))}
      </ul>
      {devices && devices.length > 1 && (
        <Button className={style.all} onClick={() => setAsking(true)}>
          {m.settings.logOutAll}
        </Button>
      )}
      {asking && (
        <Confirm
          title={m.settings.logOutAllTitle}
          hint={m.settings.logOutAllHint}
          yes={m.settings.logOut}
          onYes={() => void revokeOthers()}
          onClose={() => setAsking(false)}
        />
      )}
    </section>
  );
}

function DeviceRow(props: { device: Device; onRevoke: (id: string) => Promise<void> }) {
  const { device } = props;
  const name = device.device || m.settings.unknownDevice;
  const phone = /iphone|android|mobile|ipad/i.test(name);
  return (
    <li className={style.device}>
      {phone ? <Smartphone size={22} aria-hidden /> : <Laptop size={22} aria-hidden />}
      <div className={style.words}>
        <span className={style.name}>{name}</span>
        <span className={style.hint}>
          {device.is_current ? (
            <span className={style.current}>{m.settings.thisDevice}</span>
          ) : (
            <TimeAgo iso={device.last_used_at ?? device.created_at} long />
          )}
          {device.address && ` · ${device.address}`}
        </span>
      </div>
      {!device.is_current && (
        <Button size="small" onClick={() => void props.onRevoke(device.session_id)}>
          {m.settings.logOutDevice}
        </Button>
      )}
    </li>
  );
}
