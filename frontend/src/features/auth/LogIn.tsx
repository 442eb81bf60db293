import { type FormEvent, useState } from "react";
import { Link } from "wouter";
import { problemOf } from "@/api/errors";
import { logIn } from "@/api/session";
import { m } from "@/app/messages";
import { Button } from "@/ui/Button";
import { Field } from "@/ui/Field";
import style from "./Auth.module.css";
import { AuthScreen } from "./AuthScreen";

export function LogIn({ ended }: { ended: boolean }) {
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState(ended ? m.auth.ended : "");

  async function submit(event: FormEvent) {
    event.preventDefault();
    setBusy(true);
    setProblem("");
    try {
      await logIn(username.trim(), password);
    } catch (error) {
      setProblem(problemOf(error).text);
      setBusy(false);
    }
  }

  return (
    <AuthScreen
      title={m.auth.welcome}
      hint={m.auth.welcomeHint}
      foot={
        <>
          {m.auth.noAccount} <Link href="/register">{m.auth.register}</Link>
        </>
      }
    >
      <form className={style.form} onSubmit={submit}>
        {problem && (
          <p className={style.alert} role="alert">
            {problem}
          </p>
        )}
        <Field
          label={m.auth.identifier}
          name="username"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          value={username}
          onChange={(event) => setUsername(event.target.value)}
          required
        />
        <Field
          label={m.auth.password}
          name="password"
          type="password"
          autoComplete="current-password"
          value={password}
          onChange={(event) => setPassword(event.target.value)}
          required
        />
        <Button
          type="submit"
          look="primary"
          size="large"
          wide
          busy={busy}
          disabled={busy || !username.trim() || !password}
        >
          {m.auth.login}
        </Button>
      </form>
    </AuthScreen>
  );
}
