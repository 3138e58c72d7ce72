import type { Choice } from "~/parts/Field";

export const ROLE_CHOICES: Choice[] = [
    { value: "viewer", label: "viewer: looks" },
    { value: "operator", label: "operator: changes and runs" },
    { value: "admin", label: "admin: also accounts and audit" },
];
