import { getAt } from "../document";
import { FindImage } from "../FindImage";
import { type SourceKind, sourceKind } from "../source_kind";
import { SourceOfImage } from "../SourceOfImage";
import type { Place, Section } from "../spec";

export const build: Section = {
    id: "build",
    title: "Image",
    about: "What buildimage starts from. Instances start from what comes out of it.",
    fields: [
        { kind: "own", path: "", label: "It starts from", narrow: true, show: SourceOfImage },
        { kind: "text", path: "build_infos.source_ami", label: "Source image", from: "images", placeholder: "ami-…", when: isSource("source_ami"), required: true },
        { kind: "own", path: "", label: "Find an image", when: isSource("source_ami"), show: FindImage },
        { kind: "text", path: "build_infos.source_ami_filter.owner", label: "Owner", placeholder: "self", suggest: ["self", "amazon", "aws-marketplace", "136693071363"], hint: "self, amazon or an account's number (136693071363 is Debian)", when: isSource("source_ami_filter") },
        { kind: "text", path: "build_infos.source_ami_filter.name", label: "Name", placeholder: "debian-12-amd64-*", required: true, hint: "* and ? stand for what changes; the newest that fits is taken", when: isSource("source_ami_filter") },
        { kind: "text", path: "build_infos.source_ami_parameter", label: "Parameter of Systems Manager", placeholder: "/aws/service/debian/release/12/latest/amd64", required: true, when: isSource("source_ami_parameter") },
        { kind: "text", path: "build_infos.subnet_id", label: "Subnet of the builder", required: true, from: "subnets", placeholder: "subnet-…", hint: "From there it must reach the controller's agent link" },
        { kind: "text", path: "build_infos.ssh_username", label: "User of the image", required: true, placeholder: "admin", hint: "admin with Debian, ubuntu with Ubuntu, ec2-user with Amazon Linux" },
        { kind: "check", path: "build_infos.spot", label: "Build on a Spot instance", hint: "Cheaper; when there is none to be had, one on demand is taken" },
        { kind: "text", path: "build_infos.spot_max_price", label: "Spot price, at most", placeholder: "0.05", hint: "Dollars an hour; left blank, the price on demand", when: ({ draft }) => getAt(draft, "build_infos.spot") === true },
        { kind: "text", path: "build_infos.source_container_image", label: "Source container image", hint: "Kept for Cloud Deploy's container builds; this controller builds none" },
    ],
};

function isSource(kind: SourceKind): (place: Place) => boolean {
    return ({ draft }) => sourceKind(draft) === kind;
}
