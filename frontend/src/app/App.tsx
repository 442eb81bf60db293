import { lazy, Suspense } from "react";
import { Route, Switch, useLocation } from "wouter";
import { LogIn } from "@/features/auth/LogIn";
import { Register } from "@/features/auth/Register";
import { dispatch, useStore } from "@/stores/store";
import { Mark } from "@/ui/Mark";
import { Toasts } from "@/ui/Toasts";
import style from "./App.module.css";
import { Boundary } from "./Boundary";
import { Frame } from "./Frame";
import { Overlays } from "./Overlays";
import { Screens } from "./Screens";

// Only development has the page of all components; the condition keeps it out of the build.
const Gallery = import.meta.env.DEV ? lazy(() => import("@/features/gallery/Gallery")) : null;

function Inside() {
  const session = useStore((s) => s.session);
  const [path] = useLocation();
  if (session.is === "booting") {
    return (
      <div className={style.splash}>
        <Mark size={72} drawing />
      </div>
    );
  }
  if (session.is === "out")
    return path === "/register" ? <Register /> : <LogIn ended={session.ended} />;
  return (
    <Frame>
      <Screens />
      <Overlays />
    </Frame>
  );
}

export function App() {
  const toasts = useStore((s) => s.toasts);
  return (
    <Boundary>
      <Switch>
        {Gallery && (
          <Route path="/ui">
            <Suspense>
              <Gallery />
            </Suspense>
          </Route>
        )}
        <Route>
          <Inside />
        </Route>
      </Switch>
      <Toasts toasts={toasts} onGone={(id) => dispatch({ do: "toast.gone", id })} />
      <div className="visually-hidden" aria-live="polite" data-announcer="" />
    </Boundary>
  );
}
