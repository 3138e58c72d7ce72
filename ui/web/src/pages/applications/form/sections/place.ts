import { CheckCredentials } from "../CheckCredentials";
import { instanceTypeWarning } from "../rules";
import type { Section } from "../spec";

export const place: Section = {
    id: "place",
    title: "Where it runs",
    fields: [
        { kind: "text", path: "region", label: "Region", from: "regions", hint: "Unless said, the controller's own" },
        { kind: "text", path: "vpc_id", label: "VPC", required: true, from: "vpcs", placeholder: "vpc-…" },
        { kind: "text", path: "instance_type", label: "Instance type", from: "types", placeholder: "t3.micro", warn: instanceTypeWarning },
        { kind: "check", path: "instance_monitoring", label: "Detailed monitoring", hint: "CloudWatch every minute instead of every five; AWS charges for it", wide: true },
        {
            kind: "group",
            path: "",
            label: "Another AWS account",
            hint: "Left blank, the controller's own credentials are used. It counts when both account and role are given.",
            fields: [
                { kind: "text", path: "assumed_account_id", label: "Account", placeholder: "123456789012" },
                { kind: "text", path: "assumed_role_name", label: "Role to assume" },
                { kind: "text", path: "assumed_region_name", label: "Region asked for the role", from: "regions", hint: "Unless said, the region above" },
                { kind: "text", path: "assumed_external_id", label: "External id", hint: "When the role's trust policy wants one" },
                { kind: "own", path: "", label: "Check credentials", show: CheckCredentials },
            ],
        },
    ],
};
