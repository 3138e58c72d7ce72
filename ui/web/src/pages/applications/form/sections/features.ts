import { FeatureName, FeatureParameters, FeatureVersion } from "../FeatureFields";
import { FEATURE_KINDS } from "../feature_kinds";
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
                {
                    kind: "select",
                    path: "provisioner",
                    label: "Installed by",
                    choices: [{ value: "", label: "Not said (salt)" }, ...Object.entries(FEATURE_KINDS).map(([value, { title }]) => ({ value, label: title }))],
                },
                { kind: "own", path: "name", label: "Name", narrow: true, show: FeatureName },
                { kind: "own", path: "version", label: "Version", narrow: true, show: FeatureVersion },
                { kind: "own", path: "parameters", label: "Parameters", show: FeatureParameters },
            ],
            empty: "None: the image is the source with the agent in it.",
        },
    ],
};
