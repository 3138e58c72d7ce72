import type { Section } from "../spec";

export const hooks: Section = {
    id: "hooks",
    title: "Hooks",
    about: "Scripts that run as root around building an image and starting an instance.",
    fields: [
        { kind: "script", path: "lifecycle_hooks.pre_buildimage", label: "Before features are installed (pre_buildimage)" },
        { kind: "script", path: "lifecycle_hooks.post_buildimage", label: "After features are installed (post_buildimage)" },
        { kind: "script", path: "lifecycle_hooks.pre_bootstrap", label: "On a new instance, before its modules (pre_bootstrap)" },
        { kind: "script", path: "lifecycle_hooks.post_bootstrap", label: "On a new instance, after its modules (post_bootstrap)" },
    ],
};
