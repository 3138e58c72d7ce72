/** Lists of features to start from, kept on the controller. */
import { useState } from "preact/hooks";

import { useQuery } from "~/api/use_query";
import { Button } from "~/parts/Button";
import { SelectField } from "~/parts/Field";

import { type Preset, withPreset } from "./rules";
import type { OwnProps } from "./spec";

export function Presets({ place, set }: OwnProps) {
    const presets = useQuery<Preset[]>("/presets");
    const [name, setName] = useState("");
    const [said, setSaid] = useState("");
    if (!presets.data?.length) return null;
    const preset = presets.data.find((one) => one.name === name);
    const add = () => {
        if (!preset) return;
        const { features, added } = withPreset(place.draft, preset, location.hostname);
        set("features", features);
        setSaid(added ? `${added} added` : "All of it is there already");
    };
    return (
        <div class="preset">
            <SelectField
                label="Start from a preset"
                value={name}
                onInput={setName}
                hint={preset?.description}
                choices={[{ value: "", label: "Choose…" }, ...presets.data.map((one) => ({ value: one.name, label: one.name }))]}
            />
            <Button disabled={!preset} onClick={add}>
                Add its features
            </Button>
            <span role="status" class="dim small">
                {said}
            </span>
        </div>
    );
}
