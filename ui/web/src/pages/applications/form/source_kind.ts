/** An image to build from is named in one of three ways. */
import { type Doc, getAt } from "./document";

export type SourceKind = "source_ami" | "source_ami_filter" | "source_ami_parameter";

/** The one that is there, blank or not. */
export function sourceKind(draft: Doc): SourceKind {
    const kinds: SourceKind[] = ["source_ami_filter", "source_ami_parameter"];
    return kinds.find((kind) => getAt(draft, `build_infos.${kind}`) !== undefined) ?? "source_ami";
}
