import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";

const WORKER = "sw.js";
const MARK = "__SHELL__";
/** Fonts of other scripts, of stories and of emoji are kept when they were needed once. */
const isShell = (name: string) =>
  /\.(js|css)$/.test(name) || /inter-latin-wght-normal.*\.woff2$/.test(name);

/**
 * Writes into the service worker what this build consists of. So a deploy changes the worker's
 * bytes, by which browsers see that there is a new one.
 */
export function shell(): Plugin {
  let publicDir = "";
  return {
    name: "glimpse-shell",
    apply: "build",
    enforce: "post",
    configResolved: (config) => {
      publicDir = config.publicDir;
    },
    generateBundle(_, bundle) {
      const worker = bundle[WORKER];
      if (worker?.type !== "chunk") throw new Error(`the build has no ${WORKER}`);
      if (worker.imports.length > 0) throw new Error(`${WORKER} may not share code with the app`);
      const built = Object.keys(bundle).filter((name) => name !== WORKER);
      const still = readdirSync(publicDir).filter((name) => !name.startsWith("."));
      const digest = createHash("sha256");
      for (const name of built.toSorted()) {
        const file = bundle[name];
        digest.update(name).update(file?.type === "asset" ? file.source : (file?.code ?? ""));
      }
      for (const name of still.toSorted()) digest.update(readFileSync(join(publicDir, name)));
      const files = [
        "/",
        ...still.map((name) => `/${name}`),
        ...built.filter(isShell).map((name) => `/${name}`),
      ];
      const made = { version: digest.digest("hex").slice(0, 16), files };
      worker.code = worker.code.replace(MARK, JSON.stringify(made));
    },
  };
}
