import { json } from "@codemirror/lang-json";
import { StreamLanguage } from "@codemirror/language";
import { shell } from "@codemirror/legacy-modes/mode/shell";
import { yaml } from "@codemirror/legacy-modes/mode/yaml";
import type { Extension } from "@codemirror/state";

export type Language = "shell" | "json" | "yaml" | "text";

export function languageOf(language: Language): Extension {
    if (language === "json") return json();
    if (language === "yaml") return StreamLanguage.define(yaml);
    return language === "shell" ? StreamLanguage.define(shell) : [];
}
