import { ApiError, problemOf } from "@/api/errors";
import { m } from "@/app/messages";

export type Problems = Record<string, string>;

const USERNAME = /^[a-z0-9._]{3,30}$/i;
const PASSWORD_MIN = 8;

/** What can be told before anything is sent. The server has the last word on all of it. */
export function check(name: string, value: string): string | undefined {
  if (value === "") return undefined;
  if (name === "username" && !USERNAME.test(value)) return m.auth.badUsername;
  if (name === "password" && value.length < PASSWORD_MIN) return m.auth.shortPassword;
  if (name === "email" && !/^\S+@\S+\.\S+$/.test(value)) return m.auth.badEmail;
  return undefined;
}

/** The server's refusal, each sentence at its field; what belongs to none stands above the form. */
export function refusals(error: unknown, known: string[]): Problems {
  if (!(error instanceof ApiError)) return { form: problemOf(error).text };
  const problems: Problems = {};
  for (const [name, text] of Object.entries(error.fields)) {
    if (known.includes(name)) problems[name] = text;
  }
  if (Object.keys(problems).length > 0) return problems;
  if (error.code.includes("username") && known.includes("username")) {
    return { username: error.message };
  }
  if (error.code.includes("email") && known.includes("email")) return { email: error.message };
  return { form: problemOf(error).text };
}
