import { tagWarning } from "../rules";
import type { Section } from "../spec";

export const instances: Section = {
    id: "instances",
    title: "Instances",
    fields: [
        { kind: "text", path: "environment_infos.instance_profile", label: "Instance profile", from: "profiles", hint: "The IAM role of every instance" },
        { kind: "text", path: "environment_infos.key_name", label: "Key pair", from: "keys", hint: "Left blank, nobody logs in by SSH; Ghost does not need to" },
        { kind: "check", path: "environment_infos.public_ip_address", label: "Public address", fallback: true },
        {
            kind: "list",
            path: "environment_infos.subnet_ids",
            label: "Subnets",
            noun: "subnet",
            blank: "",
            item: { kind: "text", label: "Subnet", from: "subnets", placeholder: "subnet-…" },
            empty: "No subnet yet. Instances start in these; an Auto Scaling group spreads over all of them.",
        },
        {
            kind: "list",
            path: "environment_infos.security_groups",
            label: "Security groups",
            noun: "security group",
            blank: "",
            item: { kind: "text", label: "Security group", from: "groups", placeholder: "sg-…" },
            empty: "None: the VPC's default group counts.",
        },
        {
            kind: "list",
            path: "environment_infos.instance_tags",
            label: "Tags",
            noun: "tag",
            blank: { tag_name: "", tag_value: "" },
            item: [
                { kind: "text", path: "tag_name", label: "Name", required: true, warn: tagWarning },
                { kind: "text", path: "tag_value", label: "Value" },
            ],
            empty: "Only Ghost's own, and Name: ec2.ENVIRONMENT.ROLE.NAME.",
        },
    ],
};
