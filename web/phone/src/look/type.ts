/** The size of type: the usual one, or 大字版 from 18 to 30 pixels of main text. Kept on this phone only. */

import { ref } from "vue";

export interface TypeSetting {
  large: boolean;
  /** Pixels of main text in the large setting. */
  size: number;
}

export const SMALLEST = 18;
export const LARGEST = 30;
const KEY = "lianhu-type";

export const typeSetting = ref<TypeSetting>(read());

export function setType(setting: TypeSetting): void {
  typeSetting.value = setting;
  try {
    localStorage.setItem(KEY, JSON.stringify(setting));
  } catch {
    // Without storage the setting lasts until the app is closed.
  }
  applyType();
}

/** Put the setting on the page. In the large setting nothing that has to be read is under 18 px. */
export function applyType(): void {
  const { large, size } = typeSetting.value;
  const root = document.documentElement;
  root.classList.toggle("large", large);
  const steps: Record<string, number | null> = {
    "--f0": Math.max(18, size * 0.82), "--f1": Math.max(18, size * 0.9), "--f2": size,
    "--f3": Math.min(34, size * 1.12), "--f4": Math.min(38, size * 1.3), "--f5": Math.min(44, size * 1.5),
  };
  for (const [name, px] of Object.entries(steps)) {
    if (large && px !== null) root.style.setProperty(name, `${Math.round(px)}px`);
    else root.style.removeProperty(name);
  }
}

function read(): TypeSetting {
  const usual: TypeSetting = { large: false, size: 21 };
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "null") as Partial<TypeSetting> | null;
    if (!kept) return usual;
    const size = Math.min(LARGEST, Math.max(SMALLEST, Number(kept.size) || usual.size));
    return { large: kept.large === true, size };
  } catch {
    return usual;
  }
}
