/** Build of the phone app: base /phone/, one bundle, a service worker that keeps the app itself and never the API. */

import vue from "@vitejs/plugin-vue";
import { VitePWA } from "vite-plugin-pwa";
import { defineConfig } from "vitest/config";

const OFFICE = process.env.LIANHU_OFFICE ?? "http://127.0.0.1:8000";

export default defineConfig({
  base: "/phone/",
  plugins: [
    vue(),
    VitePWA({
      injectRegister: null,
      registerType: "prompt",
      scope: "/phone/",
      manifest: {
        id: "/phone/",
        name: "联户",
        short_name: "联户",
        description: "我联系的户，走访、上报、回音。没有信号也能用。",
        lang: "zh-Hans",
        start_url: "/phone/",
        scope: "/phone/",
        display: "standalone",
        background_color: "#fbfaf7",
        theme_color: "#fbfaf7",
        icons: [
          { src: "icon-192.png", sizes: "192x192", type: "image/png", purpose: "any" },
          { src: "icon-512.png", sizes: "512x512", type: "image/png", purpose: "any" },
          { src: "icon-mask-512.png", sizes: "512x512", type: "image/png", purpose: "maskable" },
        ],
      },
      workbox: {
        globPatterns: ["**/*.{html,js,css,svg,png,webmanifest}"],
        navigateFallback: "/phone/index.html",
        navigateFallbackAllowlist: [/^\/phone(\/|$)/],
        navigateFallbackDenylist: [/^\/api\//],
        cleanupOutdatedCaches: true,
        clientsClaim: true,
        skipWaiting: false,
        inlineWorkboxRuntime: true,
        sourcemap: false,
      },
    }),
  ],
  define: { __VUE_OPTIONS_API__: "false", __VUE_PROD_DEVTOOLS__: "false" },
  build: { target: "es2022", cssCodeSplit: false, assetsInlineLimit: 0, reportCompressedSize: true, modulePreload: { polyfill: false } },
  server: { proxy: { "/api": OFFICE } },
  preview: { proxy: { "/api": OFFICE } },
  test: { include: ["tests/**/*.test.ts"], environment: "node", setupFiles: ["tests/setup.ts"], testTimeout: 60_000 },
});
