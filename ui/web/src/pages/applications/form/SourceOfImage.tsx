/** Which of three ways to name the image that a build starts from. */
import { SelectField } from "~/parts/Field";

import { getAt, type Json } from "./document";
import { type SourceKind, sourceKind } from "./source_kind";
import type { OwnProps } from "./spec";

const BLANK: Record<SourceKind, Json> = { source_ami: "", source_ami_filter: { owner: "", name: "" }, source_ami_parameter: "" };

export function SourceOfImage({ place, set }: OwnProps) {
    const choose = (kind: string) => {
        const infos = { ...(getAt(place.draft, "build_infos") as Record<string, Json> | undefined) };
        for (const other of Object.keys(BLANK)) delete infos[other];
        set("build_infos", { ...infos, [kind]: BLANK[kind as SourceKind] });
    };
    return (
        <SelectField
            label="It starts from"
            value={sourceKind(place.draft)}
            onInput={choose}
            choices={[
                { value: "source_ami", label: "One image, by its id" },
                { value: "source_ami_filter", label: "The newest of an owner" },
                { value: "source_ami_parameter", label: "A parameter that names it" },
            ]}
        />
    );
}
