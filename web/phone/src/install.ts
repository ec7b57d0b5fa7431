/** The service worker: the app itself on the phone, and word of a newer one. */

import { ref, shallowRef } from "vue";

/** True when a newer version is on the phone and waits to be taken. */
export const newer = ref(false);

/** True when another page of this app has moved on to a newer version: this one still saves, and asks to be closed. */
export const overtaken = ref(false);

/** The browser's own question whether to put the app on the desktop, while it may be asked. */
export const mayInstall = shallowRef<{ prompt(): Promise<unknown> } | null>(null);

export async function install(): Promise<void> {
  await mayInstall.value?.prompt();
  mayInstall.value = null;
}

let waitingWorker: ServiceWorker | null = null;

export function watchInstall(): void {
  window.addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    mayInstall.value = event as unknown as { prompt(): Promise<unknown> };
  });
  if (!("serviceWorker" in navigator) || !import.meta.env.PROD) return;
  navigator.serviceWorker.register("/phone/sw.js", { scope: "/phone/" }).then(
    (registration) => {
      const look = (): void => {
        if (registration.waiting && navigator.serviceWorker.controller) {
          waitingWorker = registration.waiting;
          newer.value = true;
        }
      };
      look();
      registration.addEventListener("updatefound", () => {
        registration.installing?.addEventListener("statechange", look);
      });
    },
    () => undefined,
  );
}

/** Take the newer version now: the page is loaded again, drafts and outbox stay. */
export function takeNewer(): void {
  navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
  waitingWorker?.postMessage({ type: "SKIP_WAITING" });
}

/** Ask the browser not to clear our storage when the phone is short of room. Null: it cannot be asked. */
export async function askPersist(): Promise<boolean | null> {
  if (!navigator.storage?.persist) return null;
  return (await navigator.storage.persisted()) || navigator.storage.persist();
}
