import type { Section } from "../spec";

export const identity: Section = {
    id: "identity",
    title: "Application",
    about: "Name, environment and role name it for good: they cannot be changed later.",
    fields: [
        { kind: "text", path: "name", label: "Name", required: true, fixed: true, placeholder: "shop" },
        { kind: "text", path: "env", label: "Environment", required: true, fixed: true, placeholder: "prod", suggest: ["prod", "preprod", "dev", "staging", "test", "demo", "int", "uat", "oat"] },
        { kind: "text", path: "role", label: "Role", required: true, fixed: true, placeholder: "webfront", suggest: ["webfront", "varnish", "webcache", "worker", "bastion", "webapi", "database", "search", "loadbalancer", "ami-base"] },
        { kind: "long", path: "description", label: "Description", wide: true, placeholder: "What it is, and whom to ask" },
        { kind: "text", path: "user", label: "Owner", when: ({ isNew }) => !isNew, hint: "The account it is shown to belong to; unless changed, who made it" },
    ],
};
