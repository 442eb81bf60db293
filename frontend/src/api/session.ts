import type { Credentials } from "@/app/types";
import { ApiError, NetworkError } from "./errors";
import { type Answer, type Options, send } from "./http";
import { inOneTab } from "./lock";

/**
 * Who is logged in, in memory only: the refresh token lives in an HttpOnly cookie that no script
 * sees, the access token in this module.
 */
/** `ended`: the server took the session away; nobody here logged out. */
type Listener = (credentials: Credentials | null, ended: boolean) => void;

let current: Credentials | null = null;
let expiresAt = 0;
/** Somebody was logged in here, and nobody answers yet: they are taken to be there still. */
let assumed = false;
let refreshing: Promise<Credentials | null> | null = null;
let timer: ReturnType<typeof setTimeout> | undefined;
const listeners = new Set<Listener>();

const RENEW_BEFORE_MS = 120_000;
const RETRY_MS = 15_000;

/** When a JWT runs out, in ms since 1970; an opaque token is taken to live for an hour. */
export function expiryOf(token: string, now: number): number {
  try {
    const payload = token.split(".")[1] ?? "";
    const json = atob(payload.replaceAll("-", "+").replaceAll("_", "/"));
    const { exp, iat } = JSON.parse(json) as { exp?: number; iat?: number };
    // The lifetime counts, not the date: a phone's clock may be minutes off.
    if (exp && iat) return now + (exp - iat) * 1000;
    if (exp) return exp * 1000;
  } catch {
    // Not a JWT.
  }
  return now + 3_600_000;
}

function adopt(credentials: Credentials | null, ended = false): void {
  const before = current !== null || assumed;
  current = credentials;
  assumed = false;
  remember(credentials !== null);
  clearTimeout(timer);
  if (credentials) {
    expiresAt = expiryOf(credentials.access_token, Date.now());
    plan(expiresAt - Date.now() - RENEW_BEFORE_MS);
  }
  if (credentials || before) for (const listener of listeners) listener(credentials, ended);
}

function plan(delayMs: number): void {
  clearTimeout(timer);
  timer = setTimeout(
    () => {
      refresh().catch(() => plan(RETRY_MS));
    },
    Math.max(delayMs, 1_000),
  );
}

async function renewed(): Promise<Credentials | null> {
  try {
    const { data } = await send<Credentials>("POST", "/auth/refresh");
    adopt({ ...current, ...data });
  } catch (error) {
    if (!(error instanceof ApiError) || error.status === 429 || error.status >= 500) throw error;
    adopt(null, true);
  }
  return current;
}

const HINT = "glimpse.session";

/** Only that somebody was logged in here, so that a stranger's first visit asks for nothing. */
function remember(somebody: boolean): void {
  try {
    if (somebody) localStorage.setItem(HINT, "1");
    else localStorage.removeItem(HINT);
  } catch {
    // Without storage the cookie is asked each time.
  }
}

/** False when it is known that nobody is logged in on this device. */
export function maybeSomebody(): boolean {
  try {
    return localStorage.getItem(HINT) !== null;
  } catch {
    return true;
  }
}

/** A new pair from the cookie; null when there is nobody to be. Throws when nobody answers. */
export function refresh(): Promise<Credentials | null> {
  refreshing ??= inOneTab("glimpse.refresh", renewed).finally(() => {
    refreshing = null;
  });
  return refreshing;
}

/** Goes on as whoever was last here; the first answer from the server says whether that's right. */
export function assume(): void {
  if (!current) assumed = true;
}

/** The access token, renewed first when it has less than a few seconds to live. */
export async function token(): Promise<string | null> {
  if (current && Date.now() < expiresAt - 5_000) return current.access_token;
  if (!current && !assumed) return null;
  return (await refresh())?.access_token ?? null;
}

export function onSession(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export async function logIn(username: string, password: string): Promise<void> {
  adopt((await send<Credentials>("POST", "/users/login", { body: { username, password } })).data);
}

export interface Registration {
  username: string;
  email: string;
  password: string;
  full_name: string;
}

export async function register(who: Registration): Promise<void> {
  adopt((await send<Credentials>("POST", "/users/register", { body: who })).data);
}

export async function logOut(): Promise<void> {
  const held = current?.access_token;
  adopt(null);
  await send("POST", "/auth/logout", { token: held });
}

/** The server ended this session (a revoked device): forget it without asking. */
export function forget(): void {
  adopt(null, true);
}

/** A request as the logged-in person; an access token that just ran out is renewed once. */
export async function request<T>(
  method: string,
  path: string,
  options: Options = {},
): Promise<Answer<T>> {
  const who = current?.user_id;
  const held = await token();
  // Logged out and in again meanwhile: what one person asked is not asked for the other.
  if (who !== undefined && who !== current?.user_id) throw new NetworkError();
  try {
    return await send<T>(method, path, { ...options, token: held });
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 401 || !current) throw error;
    const again = await refresh();
    if (!again) throw error;
    return send<T>(method, path, { ...options, token: again.access_token });
  }
}

export async function get<T>(path: string, query?: Options["query"]): Promise<Answer<T>> {
  return request<T>("GET", path, { query });
}

export async function post<T>(path: string, body?: unknown, key?: string): Promise<T> {
  return (await request<T>("POST", path, { body, key })).data;
}

export async function put<T>(path: string, body: unknown): Promise<T> {
  return (await request<T>("PUT", path, { body })).data;
}

export async function remove<T = void>(path: string): Promise<T> {
  return (await request<T>("DELETE", path)).data;
}
