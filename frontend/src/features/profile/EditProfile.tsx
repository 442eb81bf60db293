import { type ChangeEvent, type FormEvent, useEffect, useRef, useState } from "react";
import { ApiError, problemOf } from "@/api/errors";
import * as api from "@/api/operations";
import { upload } from "@/api/upload";
import { m } from "@/app/messages";
import { say } from "@/stores/acts/tell";
import { dispatch, useMe } from "@/stores/store";
import { Avatar } from "@/ui/Avatar";
import { Button } from "@/ui/Button";
import { Area, Field } from "@/ui/Field";
import { Sheet } from "@/ui/Sheet";
import { ProgressRing } from "@/ui/Spinner";
import style from "./EditProfile.module.css";
import { squareOf } from "./square";

const BIO_MAX = 150;
const NAME_MAX = 60;

interface Picture {
  preview: string;
  percent: number;
  key: string | null;
}

export function EditProfile({ onClose }: { onClose: () => void }) {
  const me = useMe();
  const [name, setName] = useState(me?.full_name ?? "");
  const [bio, setBio] = useState(me?.bio ?? "");
  const [picture, setPicture] = useState<Picture | null>(null);
  const [problems, setProblems] = useState<Record<string, string>>({});
  const [busy, setBusy] = useState(false);
  const flight = useRef<AbortController | null>(null);
  const input = useRef<HTMLInputElement>(null);

  useEffect(() => () => flight.current?.abort(), []);

  async function pick(event: ChangeEvent<HTMLInputElement>) {
    const file = event.target.files?.[0];
    event.target.value = "";
    if (!file) return;
    flight.current?.abort();
    const attempt = new AbortController();
    flight.current = attempt;
    const { signal } = attempt;
    const { picture: _gone, ...rest } = problems;
    setProblems(rest);
    try {
      const square = await squareOf(file);
      setPicture({ preview: URL.createObjectURL(square), percent: 0, key: null });
      const { media_key } = await upload(square, square.type, {
        signal,
        onStage: () => {},
        onPercent: (percent) => setPicture((now) => now && { ...now, percent }),
      });
      setPicture((now) => now && { ...now, percent: 100, key: media_key });
    } catch (error) {
      if (signal.aborted) return;
      setPicture(null);
      const { text } = error instanceof Error ? problemOf(error) : { text: m.edit.pictureFailed };
      setProblems((before) => ({ ...before, picture: text }));
    }
  }

  async function submit(event?: FormEvent) {
    event?.preventDefault();
    if (!me) return;
    setBusy(true);
    setProblems({});
    try {
      const changed = await api.users.update(me.username, {
        full_name: name.trim(),
        bio: bio.trim(),
        ...(picture?.key && { profile_picture: picture.key }),
      });
      // The new picture may still be in work: until it is there, the local one is shown.
      const shown = picture?.key ? { profile_picture: picture.preview } : {};
      dispatch({ do: "me", patch: { ...changed, ...shown } });
      say(m.edit.saved);
      onClose();
    } catch (error) {
      setBusy(false);
      setProblems(
        error instanceof ApiError && Object.keys(error.fields).length > 0
          ? error.fields
          : { full_name: problemOf(error).text },
      );
    }
  }

  if (!me) return null;
  const uploading = picture !== null && picture.key === null;
  return (
    <Sheet
      title={m.edit.title}
      onClose={onClose}
      action={
        <Button
          look="primary"
          size="small"
          busy={busy}
          disabled={busy || uploading || [...bio].length > BIO_MAX}
          onClick={() => void submit()}
        >
          {m.common.save}
        </Button>
      }
    >
      <form className={style.form} onSubmit={submit}>
        <button type="button" className={style.picture} onClick={() => input.current?.click()}>
          <span className={style.face}>
            <Avatar
              user={{ ...me, profile_picture: picture?.preview ?? me.profile_picture }}
              size="large"
            />
            {uploading && (
              <span className={style.veil}>
                <ProgressRing percent={picture.percent} />
              </span>
            )}
          </span>
          {m.edit.picture}
        </button>
        {(problems.picture ?? problems.profile_picture) && (
          <p className={style.problem} role="alert">
            {problems.picture ?? problems.profile_picture}
          </p>
        )}
        <input
          ref={input}
          type="file"
          accept="image/*"
          className="visually-hidden"
          tabIndex={-1}
          aria-label={m.edit.picture}
          onChange={(event) => void pick(event)}
        />
        <Field
          label={m.edit.name}
          value={name}
          maxLength={NAME_MAX}
          problem={problems.full_name}
          autoComplete="name"
          onChange={(event) => setName(event.target.value)}
        />
        <Area
          label={m.edit.bio}
          value={bio}
          problem={problems.bio}
          hint={`${[...bio].length} / ${BIO_MAX}`}
          maxLength={BIO_MAX}
          onChange={(event) => setBio(event.target.value)}
        />
        <button type="submit" hidden />
      </form>
    </Sheet>
  );
}
