/** `node bundle.mjs OUT [FILE FROM TO]…`: the phone as one file for Node, with texts of our own code changed on request. */

import { resolve } from "node:path";
import { createRequire } from "node:module";

const here = import.meta.dirname;
const phone = resolve(here, "../../../web/phone");
const { rolldown } = createRequire(resolve(phone, "package.json"))("rolldown");
const [out, ...changes] = process.argv.slice(2);
const wanted = [];
for (let i = 0; i < changes.length; i += 3) wanted.push({ file: changes[i], from: changes[i + 1], to: changes[i + 2], done: false });

const bundle = await rolldown({
  input: resolve(here, "main.ts"),
  platform: "node",
  resolve: { modules: [resolve(phone, "node_modules"), "node_modules"] },
  plugins: [{
    name: "changed",
    transform(code, id) {
      let text = code;
      for (const change of wanted) {
        if (!id.endsWith(change.file) || !text.includes(change.from)) continue;
        text = text.replace(change.from, change.to);
        change.done = true;
      }
      return text === code ? null : { code: text };
    },
  }],
});
await bundle.write({ file: out, format: "esm" });
const missed = wanted.filter((change) => !change.done);
if (missed.length) {
  console.error(`no such text: ${JSON.stringify(missed)}`);
  process.exit(1);
}
