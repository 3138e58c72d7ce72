/** Puts what the server says of a job at the field it is about. */
import type { ApiError, Issues } from "~/api/client";

import { type Command } from "./commands";
import type { JobModule } from "./job_body";

export type FormIssues = {
    fields: Record<string, string>;
    /** By name of the module. */
    modules: Record<string, string>;
    /** What is about none of them. */
    rest: string;
};

export function wordsOf(issue: Issues | string | string[] | undefined): string {
    if (issue === undefined) return "";
    if (typeof issue === "string") return issue;
    if (Array.isArray(issue)) return issue.join("; ");
    return Object.values(issue).map(wordsOf).join("; ");
}

export function formIssues(error: ApiError | undefined, command: Command, modules: JobModule[]): FormIssues {
    const issues: FormIssues = { fields: {}, modules: {}, rest: "" };
    if (!error) return issues;
    const rest: string[] = [];
    for (const [member, issue] of Object.entries(error.issues)) {
        if (member === "modules" && typeof issue === "object" && !Array.isArray(issue)) {
            for (const [index, one] of Object.entries(issue)) issues.modules[modules[Number(index)]?.name ?? ""] = wordsOf(one);
        } else if (command.options.some((option) => option.member === member)) issues.fields[member] = wordsOf(issue);
        else rest.push(`${member}: ${wordsOf(issue)}`);
    }
    if (Object.keys(error.issues).length === 0) {
        const about = command.options.find((option) => option.said?.test(error.message));
        const module = modules.find(({ name }) => error.message.includes(`module ${name}:`) || error.message.startsWith(`${name}: `) || error.message.startsWith(`Module ${name}`));
        if (about) issues.fields[about.key] = error.message;
        else if (module) issues.modules[module.name] = error.message;
        else rest.push(error.message);
    }
    issues.rest = rest.join("; ");
    return issues;
}
