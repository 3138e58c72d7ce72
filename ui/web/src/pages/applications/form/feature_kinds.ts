/** What a feature is to each of the provisioners, in words, and what of it they do not look at. */
import { isBlank, isObject, type Json } from "./document";

type Words = { label: string; hint?: string; placeholder?: string };
export type FeatureKind = {
    /** Of the choice. */
    title: string;
    name: Words;
    version: Words;
    /** null: it is given none. */
    parameters: { label: string; hint: string } | null;
};

const NO_KIND = "salt";

export const FEATURE_KINDS: Record<string, FeatureKind> = {
    package: {
        title: "package: by apt or dnf",
        name: { label: "Package", placeholder: "nginx", hint: "As apt, dnf or yum call it" },
        version: { label: "Version", placeholder: "1.22.1-9+deb12u1", hint: "Exactly that one; none: the newest" },
        parameters: null,
    },
    shell: {
        title: "shell: a script",
        name: { label: "Script, without .sh", placeholder: "node-exporter", hint: "NAME.sh of the features' repository or folder" },
        version: { label: "Version", placeholder: "1.8", hint: "What the script gets as GHOST_FEATURE_VERSION" },
        parameters: { label: "Parameters", hint: "Each is GHOST_FEATURE_NAME for the script; what is no text is JSON there" },
    },
    ansible: {
        title: "ansible: a role",
        name: { label: "Role", placeholder: "nginx", hint: "Of the catalogue, or of roles/ in the repository" },
        version: { label: "One variable", placeholder: "nginx_version=1.24", hint: "key=value, where parameters would be too much" },
        parameters: { label: "Parameters", hint: "Variables of the role" },
    },
    salt: {
        title: "salt: a formula",
        name: { label: "Formula", placeholder: "nginx", hint: "Of salt/ in the repository; a.b is a/b.sls" },
        version: { label: "Version or pillar", placeholder: "version=1.24", hint: "Goes to the pillar features; key=value names the key" },
        parameters: null,
    },
};

export function kindOf(feature: Json | undefined): FeatureKind {
    const provisioner = isObject(feature) && typeof feature.provisioner === "string" && feature.provisioner ? feature.provisioner : NO_KIND;
    // One that is not known here may take all that there is.
    return FEATURE_KINDS[provisioner] ?? { ...FEATURE_KINDS.shell!, title: provisioner, name: { label: "Name" }, version: { label: "Version" }, parameters: { label: "Parameters", hint: "" } };
}

const NAME = /^[a-zA-Z0-9.\-_]*$/;
const VERSION = /^[a-zA-Z0-9.\-_/:~+=,]*$/;
/** Salt has no formulas for these: they are the pillar of another one. */
const PILLAR_ONLY = ["php-", "php5-", "zabbix-", "gem-"];

export function nameWarning(name: string, feature: Json | undefined): string | undefined {
    if (!NAME.test(name)) return "Letters, digits, dots, dashes and underscores only: the controller refuses others";
    const kind = kindOf(feature);
    if (kind === FEATURE_KINDS.package && name.startsWith("-")) return "A package's name does not begin with a dash: that is an option to apt";
    if (kind === FEATURE_KINDS.shell && name.endsWith(".sh")) return "Without .sh, which is added";
    const prefix = kind === FEATURE_KINDS.salt && PILLAR_ONLY.find((one) => name.startsWith(one));
    return prefix ? `What begins with ${prefix} is no formula of its own: its version goes to the pillar` : undefined;
}

export function versionWarning(version: string, feature: Json | undefined): string | undefined {
    if (!version) return undefined;
    if (!VERSION.test(version)) return "Letters, digits and . - _ / : ~ + = , only: the controller refuses others";
    if (kindOf(feature) !== FEATURE_KINDS.ansible) return undefined;
    if (isObject(feature) && !isBlank(feature.parameters)) return "Not used: the role gets the parameters below";
    return version.includes("=") ? undefined : "Not used: a role gets key=value, or parameters";
}

/** What is said of parameters that are there. */
export function parametersWarning(value: Json | undefined, feature: Json | undefined): string | undefined {
    if (!isObject(value) || isBlank(value)) return undefined;
    const kind = kindOf(feature);
    if (!kind.parameters) return `Not used: ${kind === FEATURE_KINDS.package ? "a package has a version only" : "salt's formulas get the version only"}`;
    return kind === FEATURE_KINDS.ansible && "role" in value ? "“role” is the feature's name, whatever stands here" : undefined;
}

const encoder = new TextEncoder();

/** A byte that is no letter or digit of ASCII is an underscore. */
function variableName(parameter: string): string {
    return Array.from(encoder.encode(parameter), (byte) => String.fromCharCode(byte).toUpperCase()).join("").replace(/[^A-Z0-9]/g, "_");
}

/** The variables that a script gets, as the controller writes them. */
export function variablesOf(parameters: Json | undefined): [name: string, value: string][] {
    if (!isObject(parameters)) return [];
    return Object.entries(parameters).map(([name, value]) => [
        `GHOST_FEATURE_${variableName(name)}`,
        typeof value === "string" ? value : JSON.stringify(value),
    ]);
}
