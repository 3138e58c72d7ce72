import { Presets } from "../Presets";
import type { Section } from "../spec";

export const features: Section = {
    id: "features",
    title: "Features",
    about: "What buildimage installs into the image, in this order.",
    fields: [
        { kind: "own", path: "", label: "Presets", show: Presets },
        {
            kind: "list",
            path: "features",
            label: "Features",
            noun: "feature",
            blank: { name: "", version: "", provisioner: "package" },
            title: (item) => String(item.name || "New feature"),
            detail: (item) => [item.version, item.provisioner].filter(Boolean).join(" · "),
            item: [
                { kind: "text", path: "name", label: "Name", required: true, placeholder: "nginx" },
                { kind: "text", path: "version", label: "Version", hint: "Or key=value, for roles and formulas" },
                {
                    kind: "select",
                    path: "provisioner",
                    label: "Installed by",
                    choices: [
                        { value: "", label: "Not said (salt)" },
                        { value: "package", label: "package: of the distribution" },
                        { value: "shell", label: "shell: the controller's NAME.sh" },
                        { value: "ansible", label: "ansible: a role" },
                        { value: "salt", label: "salt: a formula" },
                    ],
                },
                { kind: "json", path: "parameters", label: "Parameters", hint: "Variables of the role, or what the script is given", wide: true },
            ],
            empty: "None: the image is the source with the agent in it.",
        },
    ],
};
