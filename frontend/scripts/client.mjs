// Builds the TypeScript client by itself into dist-client/: one module without dependencies, and
// its types. `npm install ./frontend/dist-client` makes it `glimpse-client` elsewhere.
import { execFile } from "node:child_process";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "vite";

const here = new URL("..", import.meta.url);
const out = new URL("dist-client/", here);
const own = JSON.parse(await readFile(new URL("package.json", here), "utf8"));

await rm(out, { recursive: true, force: true });
await build({
  configFile: false,
  logLevel: "warn",
  root: fileURLToPath(here),
  publicDir: false,
  resolve: { alias: { "@": fileURLToPath(new URL("src", here)) } },
  build: {
    target: "es2022",
    minify: false,
    outDir: fileURLToPath(out),
    lib: {
      entry: fileURLToPath(new URL("src/socket/index.ts", here)),
      formats: ["es"],
      fileName: () => "glimpse-client.js",
    },
    rollupOptions: {
      // A client without dependencies: whatever is not its own is a mistake.
      external: (id) => {
        if (/^[./@\0]/.test(id)) return false;
        throw new Error(`the client may not import ${id}`);
      },
    },
  },
});

const tsc = fileURLToPath(new URL("node_modules/typescript/bin/tsc", here));
await promisify(execFile)(process.execPath, [tsc, "-p", "tsconfig.client.json"], {
  cwd: fileURLToPath(here),
}).catch((failed) => {
  throw new Error(failed.stdout);
});
// Paths that hold wherever the files lie, with the endings that Node's resolution asks for.
const types = new URL("types/", out);
for (const name of await readdir(types, { recursive: true })) {
  if (!name.endsWith(".d.ts")) continue;
  const text = await readFile(new URL(name, types), "utf8");
  const mended = text
    .replaceAll('"@/protocol.gen"', '"../protocol.gen.js"')
    .replaceAll(/from "(\.\/[a-z]+)"/g, 'from "$1.js"');
  await writeFile(new URL(name, types), mended);
}
await writeFile(new URL("glimpse-client.d.ts", out), 'export * from "./types/socket/index.js";\n');
const about = {
  name: "glimpse-client",
  version: own.version,
  license: own.license,
  type: "module",
  exports: { ".": { types: "./glimpse-client.d.ts", default: "./glimpse-client.js" } },
  files: ["glimpse-client.js", "glimpse-client.d.ts", "types"],
};
await writeFile(new URL("package.json", out), `${JSON.stringify(about, null, 2)}\n`);
