import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

// The controller that `npm run dev` talks to.
const controller = process.env.GHOST_URL ?? "http://127.0.0.1:5000";

export default defineConfig({
    base: "/web/",
    esbuild: { jsx: "automatic", jsxImportSource: "preact" },
    resolve: { alias: { "~": fileURLToPath(new URL("./src", import.meta.url)) } },
    build: {
        outDir: process.env.GHOST_WEB_OUT ?? "dist",
        emptyOutDir: true,
        target: "es2022",
        modulePreload: { polyfill: false },
        // The Content-Security-Policy knows no data: addresses.
        assetsInlineLimit: 0,
        reportCompressedSize: false,
    },
    server: {
        proxy: { "^/(?!web/|web$|@|src/|node_modules/)": controller },
    },
    test: { environment: "happy-dom", include: ["src/**/*.test.{ts,tsx}"] },
});
