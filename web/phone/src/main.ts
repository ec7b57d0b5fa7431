/** The first thing that runs: type size, storage, then the screens. */

import "vant/es/style/base.css";
import "./look/tokens.css";
import "./look/base.css";
import { createApp } from "vue";
import App from "./App.vue";
import { openApp } from "./app";
import { applyType } from "./look/type";
import { watchInstall } from "./install";
import { router } from "./router";
import { enrolled, syncState, watchStorage } from "./state";
import { tokenIn } from "./sync/enrol";

async function start(): Promise<void> {
  applyType();
  const token = location.hash.startsWith("#enrol=") ? tokenIn(location.hash) : "";
  const app = await openApp((state) => { syncState.value = state; }, () => {
    say("联户要换新版本，另一个页面还开着旧的。请把联户别的页面都关掉，这里会自己接着打开。写的都在。");
  });
  await watchStorage();
  if (token || !enrolled.value.credential) {
    // The token leaves the address at once, so that it is in no history and no screenshot.
    history.replaceState(null, "", "/phone/enrol");
  }
  createApp(App, { token }).use(router).mount("#app");
  void app.sync.kick("start");
  watchInstall();
}

start().catch((error: unknown) => {
  console.error(error);
  say("手机的存储打不开。什么都没删。请关掉这个软件再打开；还不行，请到村里找人看看，先不要清除数据。");
});

/** Words in place of the app, as long as it is not there. */
function say(words: string): void {
  const where = document.getElementById("app");
  if (!where) return;
  where.textContent = words;
  where.className = "empty";
}
