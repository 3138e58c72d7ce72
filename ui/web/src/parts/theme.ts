import { signal } from "@preact/signals";

const KEY = "ghost.theme";

function current(): "light" | "dark" {
    const chosen = document.documentElement.dataset.theme;
    if (chosen === "light" || chosen === "dark") return chosen;
    return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

export const theme = signal(current());

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    theme.value = current();
});

export function toggleTheme(): void {
    const next = theme.value === "dark" ? "light" : "dark";
    document.documentElement.dataset.theme = next;
    localStorage.setItem(KEY, next);
    theme.value = next;
}
