import { variableWarning } from "../rules";
import type { Section } from "../spec";

export const variables: Section = {
    id: "variables",
    title: "Environment variables",
    about: "Every script of the application has them, besides Ghost's own.",
    fields: [
        {
            kind: "list",
            path: "env_vars",
            label: "Variables",
            noun: "variable",
            blank: { var_key: "", var_value: "" },
            item: [
                { kind: "text", path: "var_key", label: "Name", placeholder: "DATABASE_HOST", warn: variableWarning },
                { kind: "text", path: "var_value", label: "Value" },
            ],
            empty: "None.",
        },
    ],
};
