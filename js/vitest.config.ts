import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [
    {
      // The build puts a script's text here; tests load the processor itself.
      name: "worklet-source",
      enforce: "pre",
      resolveId: (id) => (id.startsWith("worklet:") ? `\0${id}` : null),
      load: (id) => (id.startsWith("\0worklet:") ? 'export default "";' : null),
    },
  ],
  test: { include: ["test/**/*.test.ts"] },
});
