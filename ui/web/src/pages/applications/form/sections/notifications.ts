import type { Section } from "../spec";

export const notifications: Section = {
    id: "notifications",
    title: "Notifications",
    about: "Who gets the end of a job by mail, with its log.",
    fields: [
        {
            kind: "list",
            path: "log_notifications",
            label: "Addresses",
            noun: "address",
            blank: { email: "", job_states: ["*"] },
            item: [
                { kind: "text", type: "email", path: "email", label: "E-mail", placeholder: "team@example.com" },
                {
                    kind: "several",
                    path: "job_states",
                    label: "When a job is",
                    hint: "None of them means any",
                    choices: [
                        { value: "*", label: "any" },
                        { value: "done", label: "done" },
                        { value: "failed", label: "failed" },
                        { value: "aborted", label: "aborted" },
                        { value: "waiting", label: "waiting for an approval" },
                    ],
                },
            ],
            empty: "Nobody is told.",
        },
    ],
};
