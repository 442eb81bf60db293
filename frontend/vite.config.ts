import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// Where `npm run dev` finds the running stack; the built app is same-origin and needs none of this.
const origin = process.env.GLIMPSE_DEV_ORIGIN ?? "http://127.0.0.1:8000";
const proxied = { target: origin, changeOrigin: true };

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    target: "es2022",
    cssTarget: ["chrome123", "safari17.5", "firefox128"],
    // The content security policy has no `data:` for fonts or scripts, so nothing is inlined.
    assetsInlineLimit: 0,
    sourcemap: false,
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
