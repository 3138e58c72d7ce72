/** Goes to the field that a path belongs to, or to what of it there is. */
export function findField(path: string, within: ParentNode = document): HTMLElement | undefined {
    for (let here = path; here; here = here.slice(0, Math.max(0, here.lastIndexOf(".")))) {
        const found = within.querySelector<HTMLElement>(`[data-path="${CSS.escape(here)}"]`);
        if (found) return found;
    }
    return undefined;
}

export function focusField(path: string): boolean {
    const field = findField(path);
    if (!field) return false;
    // The one that is marked, when there are several.
    const wrong = field.querySelector<HTMLElement>('[aria-invalid="true"], .code.invalid [data-focus="code"]:not([hidden])');
    const target = wrong ?? field.querySelector<HTMLElement>('input, select, textarea, [data-focus="code"]:not([hidden]), button');
    field.scrollIntoView({ block: "center" });
    target?.focus({ preventScroll: true });
    return true;
}
