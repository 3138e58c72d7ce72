import { type Doc, getAt } from "../document";
import { HealthSwitch } from "../HealthSwitch";
import { pathWarning } from "../rules";
import type { FieldSpec, Place, Section } from "../spec";

const kindOf = ({ draft, scope }: Place) => getAt(draft, `${scope}.health_check.type`);
const isOne =
    (...kinds: string[]) =>
    (place: Place) =>
        kinds.includes(String(kindOf(place)));
const isChecked = (place: Place) => kindOf(place) !== undefined;

const health: FieldSpec[] = [
    { kind: "own", path: "health_check.type", label: "Kind of check", narrow: true, show: HealthSwitch },
    { kind: "number", path: "health_check.port", label: "Port", required: true, min: 1, max: 65535, when: isOne("http", "tcp") },
    { kind: "text", path: "health_check.path", label: "Path", required: true, placeholder: "/up", when: isOne("http") },
    { kind: "text", path: "health_check.status", label: "Good answers", placeholder: "200-399", hint: "One status or from-to", when: isOne("http") },
    {
        kind: "select",
        path: "health_check.host",
        label: "Asked at",
        when: isOne("http", "tcp"),
        choices: [
            { value: "", label: "Its private address" },
            { value: "localhost", label: "127.0.0.1" },
        ],
    },
    { kind: "script", path: "health_check.command", label: "Command: well when it ends with 0", when: isOne("command") },
    { kind: "number", path: "health_check.interval", label: "Between two tries (s)", min: 1, max: 3600, placeholder: "2", when: isChecked },
    { kind: "number", path: "health_check.timeout", label: "For one try (s)", min: 1, max: 3600, placeholder: "5", when: isChecked },
    { kind: "number", path: "health_check.deadline", label: "For all tries (s)", min: 1, max: 3600, placeholder: "60", when: isChecked },
    { kind: "number", path: "health_check.retries", label: "Tries after the first", min: 0, max: 1000, placeholder: "As many as there is time for", when: isChecked },
];

export const modules: Section = {
    id: "modules",
    title: "Modules",
    about: "What is deployed, each from its own source to its own path; on a new instance in this order.",
    fields: [
        {
            kind: "list",
            path: "modules",
            label: "Modules",
            noun: "module",
            blank: { name: "", scope: "code", path: "", source: { protocol: "git", url: "" } },
            title: (item) => String(item.name || "New module"),
            detail: (item: Doc) => [item.path, getAt(item, "source.url")].filter(Boolean).join(" · "),
            item: [
                { kind: "text", path: "name", label: "Name", required: true, placeholder: "site" },
                {
                    kind: "text",
                    path: "path",
                    label: "Path on the instance",
                    required: true,
                    placeholder: "/srv/site",
                    hint: "A link to the release that is live",
                    warn: (value, { draft, scope }) => pathWarning(value, draft.modules, Number(scope.split(".")[1])),
                },
                {
                    kind: "select",
                    path: "scope",
                    label: "Scope",
                    required: true,
                    choices: [
                        { value: "code", label: "code" },
                        { value: "system", label: "system" },
                    ],
                },
                {
                    kind: "select",
                    path: "source.protocol",
                    label: "Source",
                    choices: [
                        { value: "git", label: "git repository" },
                        { value: "s3", label: "s3 object" },
                    ],
                },
                { kind: "text", path: "source.url", label: "Address of the source", placeholder: "https://git.example.com/shop/site.git", broad: true },
                { kind: "text", path: "git_repo", label: "Address, by its former name", when: ({ draft, scope }) => getAt(draft, `${scope}.git_repo`) !== undefined, hint: "git_repo: the address of the source counts before it" },
                { kind: "number", path: "uid", label: "Owner (uid)", min: 0, placeholder: "0", hint: "Of the files, and of who runs the scripts" },
                { kind: "number", path: "gid", label: "Group (gid)", min: 0, placeholder: "0" },
                {
                    kind: "group",
                    path: "",
                    label: "Scripts",
                    fields: [
                        { kind: "script", path: "build_pack", label: "On the controller: build (build_pack)" },
                        { kind: "script", path: "pre_deploy", label: "On the instance, before the switch (pre_deploy)" },
                        { kind: "script", path: "post_deploy", label: "On the instance, after the switch (post_deploy)" },
                        { kind: "script", path: "after_all_deploy", label: "On the controller, when all have it (after_all_deploy)" },
                    ],
                },
                { kind: "group", path: "", label: "Health check", hint: "Asked after post_deploy. When it is not well in time, the former release comes back.", fields: health },
            ],
            empty: "No module yet: there is nothing to deploy without one.",
        },
    ],
};
