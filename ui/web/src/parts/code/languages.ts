import { json } from "@codemirror/lang-json";
import { StreamLanguage } from "@codemirror/language";
import { shell } from "@codemirror/legacy-modes/mode/shell";
import type { Extension } from "@codemirror/state";

export type Language = "shell" | "json" | "text";

export function languageOf(language: Language): Extension {
    if (language === "json") return json();
    return language === "shell" ? StreamLanguage.define(shell) : [];
}
