// Make or show a passkey: the options stand at the button, the answer goes into the form's field.
const toBytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));
const toText = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const withIds = (list) => (list ?? []).map((one) => ({ ...one, id: toBytes(one.id) }));

function readable(options) {
  const read = { ...options, challenge: toBytes(options.challenge) };
  if (options.user) read.user = { ...options.user, id: toBytes(options.user.id) };
  if (options.excludeCredentials) read.excludeCredentials = withIds(options.excludeCredentials);
  if (options.allowCredentials) read.allowCredentials = withIds(options.allowCredentials);
  return read;
}

function told(credential) {
  const answer = { clientDataJSON: toText(credential.response.clientDataJSON) };
  for (const part of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[part]) answer[part] = toText(credential.response[part]);
  }
  return { id: credential.id, rawId: toText(credential.rawId), type: credential.type, response: answer, clientExtensionResults: {} };
}

async function go(button) {
  const form = button.form;
  const failed = form.querySelector("[data-passkey-failed]");
  failed.hidden = true;
  button.disabled = true;
  try {
    const publicKey = readable(JSON.parse(button.dataset.options));
    const made = button.dataset.passkey === "make"
      ? await navigator.credentials.create({ publicKey })
      : await navigator.credentials.get({ publicKey });
    form.querySelector('[name="passkey"], [name="confirm_passkey"]').value = JSON.stringify(told(made));
    form.submit();
  } catch {
    failed.textContent = "没有成功，也没有改动什么。请再试一次，或换一种办法。";
    failed.hidden = false;
    button.disabled = false;
  }
}

if (globalThis.PublicKeyCredential && isSecureContext) {
  for (const off of document.querySelectorAll("[data-passkey-off]")) off.hidden = true;
  for (const button of document.querySelectorAll("[data-passkey]")) {
    button.hidden = false;
    button.addEventListener("click", () => go(button));
  }
}
