/** The fields of a feature that are not the same for every provisioner. */
import { getAt, isObject } from "./document";
import { useForm } from "./context";
import { kindOf, nameWarning, parametersWarning, variablesOf, versionWarning } from "./feature_kinds";
import { useFeatureNames } from "./feature_names";
import { issueAt } from "./issues";
import { ParametersField } from "./ParametersField";
import type { OwnProps } from "./spec";
import { TextInput, textOf } from "./TextInput";

export function FeatureName({ place, set }: OwnProps) {
    const feature = getAt(place.draft, place.scope);
    const choices = useFeatureNames(textOf(getAt(place.draft, `${place.scope}.provisioner`)));
    const { name } = kindOf(feature);
    return (
        <TextInput
            spec={{ kind: "text", ...name, required: true, suggest: choices, warn: (value) => nameWarning(value, feature) }}
            path={`${place.scope}.name`}
            value={isObject(feature) ? feature.name : undefined}
            place={place}
            onInput={(value) => set("name", value)}
        />
    );
}

export function FeatureVersion({ place, set }: OwnProps) {
    const feature = getAt(place.draft, place.scope);
    const { version } = kindOf(feature);
    return (
        <TextInput
            spec={{ kind: "text", ...version, warn: (value) => versionWarning(value, feature) }}
            path={`${place.scope}.version`}
            value={isObject(feature) ? feature.version : undefined}
            place={place}
            onInput={(value) => set("version", value)}
        />
    );
}

export function FeatureParameters({ place, set }: OwnProps) {
    const { issues } = useForm();
    const feature = getAt(place.draft, place.scope);
    const value = isObject(feature) ? feature.parameters : undefined;
    const { parameters } = kindOf(feature);
    // What a provisioner does not look at is not asked for; what is there already is not hidden.
    if (!parameters && value === undefined) return null;
    const isScript = textOf(getAt(place.draft, `${place.scope}.provisioner`)) === "shell";
    return (
        <>
            <ParametersField
                label={parameters?.label ?? "Parameters"}
                hint={parameters?.hint}
                warning={parametersWarning(value, feature)}
                issue={issueAt(issues, `${place.scope}.parameters`)}
                value={value}
                onInput={(now) => set("parameters", now)}
            />
            {isScript && <Variables given={variablesOf(value)} />}
        </>
    );
}

function Variables({ given }: { given: [string, string][] }) {
    if (given.length === 0) return null;
    return (
        <dl class="variables" aria-label="What the script gets">
            {given.map(([name, value]) => (
                <div key={name}>
                    <dt>{name}</dt>
                    <dd>{value}</dd>
                </div>
            ))}
        </dl>
    );
}
