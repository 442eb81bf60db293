import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import "@/ui/base.css";
import { lendEmoji } from "@/ui/emoji";
import { App } from "./App";
import { boot } from "./boot";

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");
boot();
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
lendEmoji();
