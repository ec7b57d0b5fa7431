/** Signs that turn the direction of writing, shown instead of obeyed; the same as web/signs.py does on pages. */
const TURNING = /[\u202a-\u202e\u2066-\u2069]/g;

export const shown = (text: string): string => text.replace(TURNING, "⇄");
