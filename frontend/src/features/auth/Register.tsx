import { type FormEvent, useState } from "react";
import { Link } from "wouter";
import { register } from "@/api/session";
import { m } from "@/app/messages";
import { Button } from "@/ui/Button";
import { Field } from "@/ui/Field";
import style from "./Auth.module.css";
import { AuthScreen } from "./AuthScreen";
import { check, type Problems, refusals } from "./fields";

const EMPTY = { email: "", full_name: "", username: "", password: "" };
type Name = keyof typeof EMPTY;
const NAMES = Object.keys(EMPTY) as Name[];

export function Register() {
  const [values, setValues] = useState(EMPTY);
  const [problems, setProblems] = useState<Problems>({});
  const [busy, setBusy] = useState(false);

  const bind = (name: Name) => ({
    name,
    value: values[name],
    problem: problems[name],
    onChange: (event: { target: { value: string } }) => {
      const { value } = event.target;
      setValues((before) => ({ ...before, [name]: name === "username" ? value.trim() : value }));
      // A field that was wrong is judged at every key, one being filled in not before it is left.
      setProblems(({ [name]: was, form: _form, ...rest }) => {
        const now = was === undefined ? undefined : check(name, value);
        return now === undefined ? rest : { ...rest, [name]: now };
      });
    },
    onBlur: () => {
      const problem = check(name, values[name]);
      if (problem) setProblems((before) => ({ ...before, [name]: problem }));
    },
  });

  async function submit(event: FormEvent) {
    event.preventDefault();
    const found: Problems = {};
    for (const name of NAMES) {
      const problem = check(name, values[name]);
      if (problem) found[name] = problem;
    }
    setProblems(found);
    if (Object.keys(found).length > 0) return;
    setBusy(true);
    try {
      await register({ ...values, full_name: values.full_name.trim() });
    } catch (error) {
      setProblems(refusals(error, NAMES));
      setBusy(false);
    }
  }

  const ready = values.email && values.username && values.password;
  return (
    <AuthScreen
      title={m.auth.join}
      hint={m.auth.joinHint}
      foot={
        <>
          {m.auth.hasAccount} <Link href="/login">{m.auth.login}</Link>
        </>
      }
    >
      <form className={style.form} onSubmit={submit} noValidate>
        {problems.form && (
          <p className={style.alert} role="alert">
            {problems.form}
          </p>
        )}
        <Field
          {...bind("email")}
          label={m.auth.email}
          type="email"
          autoComplete="email"
          maxLength={254}
        />
        <Field {...bind("full_name")} label={m.auth.fullName} autoComplete="name" maxLength={60} />
        <Field
          {...bind("username")}
          label={m.auth.username}
          hint={values.username ? m.auth.usernameHint : undefined}
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          maxLength={30}
        />
        <Field
          {...bind("password")}
          label={m.auth.password}
          hint={m.auth.passwordHint}
          type="password"
          autoComplete="new-password"
          maxLength={128}
        />
        <Button
          type="submit"
          look="primary"
          size="large"
          wide
          busy={busy}
          disabled={busy || !ready}
        >
          {m.auth.register}
        </Button>
      </form>
    </AuthScreen>
  );
}
