import { sizesWarning } from "../rules";
import type { Section } from "../spec";

export const scaling: Section = {
    id: "scaling",
    title: "Auto Scaling",
    about: "Without the name of a group, instances are made one by one by createinstance.",
    fields: [
        { kind: "text", path: "autoscale.name", label: "Auto Scaling group", from: "scaling", placeholder: "No group", hint: "One that is there, or a new name: updateautoscaling makes it" },
        { kind: "number", path: "autoscale.min", label: "Smallest size", min: 0, hint: "Left blank, the group's own stays", warn: (_, { draft }) => sizesWarning(draft) },
        { kind: "number", path: "autoscale.max", label: "Largest size", min: 0 },
        { kind: "check", path: "autoscale.enable_metrics", label: "Collect the group's metrics", fallback: true, wide: true },
    ],
};
