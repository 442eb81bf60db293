import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { shell } from "./scripts/shell";

// Where `npm run dev` finds the running stack; the built app is same-origin and needs none of this.
const origin = process.env.GLIMPSE_DEV_ORIGIN ?? "http://127.0.0.1:8000";
const proxied = { target: origin, changeOrigin: true };
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  plugins: [react(), shell()],
  resolve: { alias: { "@": here("./src") } },
  build: {
    target: "es2022",
    cssTarget: ["chrome123", "safari17.5", "firefox128"],
    // The content security policy has no `data:` for fonts or scripts, so nothing is inlined.
    assetsInlineLimit: 0,
    sourcemap: false,
    rollupOptions: {
      input: { index: here("./index.html"), sw: here("./src/worker/sw.ts") },
      output: {
        // A worker's scope is its folder, and its name stays the same over deploys.
        entryFileNames: ({ name }) => (name === "sw" ? "sw.js" : "assets/[name]-[hash].js"),
      },
    },
  },
  server: {
    proxy: {
      "/api": proxied,
      "/media": proxied,
      "/s3": proxied,
      "/ws": { ...proxied, ws: true },
    },
  },
  test: {
    environment: "node",
    include: ["src/**/*.test.{ts,tsx}"],
  },
});
