// Builds the page half of cartesia_nb into the Python package: ES modules, each complete in
// itself, because anywidget imports the text of each from a blob URL and nothing can be beside it.
import { mkdir } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const target = ["es2022"];

/** `import source from "worklet:./file"`: the text of a script for an AudioWorklet, bundled. */
const workletSource = {
  name: "worklet-source",
  setup(bundler) {
    bundler.onResolve({ filter: /^worklet:/ }, (args) => ({
      path: resolve(args.resolveDir, `${args.path.slice("worklet:".length)}.ts`),
      namespace: "worklet",
    }));
    bundler.onLoad({ filter: /.*/, namespace: "worklet" }, async (args) => {
      const result = await build({
        entryPoints: [args.path],
        bundle: true,
        write: false,
        minify: true,
        metafile: true,
        format: "iife",
        target,
      });
      return {
        contents: result.outputFiles[0].text,
        loader: "text",
        watchFiles: Object.keys(result.metafile.inputs).map((path) => resolve(path)),
      };
    });
  },
};

const outdir = resolve(here, "../cartesia_nb/static");
await mkdir(outdir, { recursive: true });
await build({
  absWorkingDir: here,
  entryPoints: {
    speaker: "src/speaker.ts",
    player: "src/player.ts",
    desk: "src/desk.ts",
    gallery: "src/gallery.ts",
    listening: "src/comparing.ts",
  },
  bundle: true,
  minify: true,
  sourcemap: false,
  format: "esm",
  target,
  // Text outside ASCII is escaped, so that no host can get it wrong.
  charset: "ascii",
  outdir,
  plugins: [workletSource],
  logLevel: "info",
});
