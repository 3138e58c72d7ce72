# An AMI with ghost-agent in it, for teams that bake with Packer:
#   packer init . && packer build -var controller_url=https://ghost.example.com .
# release-key lies beside this file: GET /agent/release-key, asked once over a connection that you trust.
packer {
  required_plugins {
    amazon = {
      source  = "github.com/hashicorp/amazon"
      version = ">= 1.2.0"
    }
  }
}

variable "controller_url" {
  type        = string
  description = "The controller's HTTPS address, as https://ghost.example.com"
}

variable "region" {
  type    = string
  default = "eu-west-1"
}

variable "instance_type" {
  type    = string
  default = "t3.micro"
}

source "amazon-ebs" "debian" {
  region        = var.region
  instance_type = var.instance_type
  ssh_username  = "admin"
  ami_name      = "ghost-agent-{{timestamp}}"

  source_ami_filter {
    owners      = ["136693071363"]
    most_recent = true
    filters = {
      name                = "debian-12-amd64-*"
      virtualization-type = "hvm"
    }
  }
}

build {
  sources = ["source.amazon-ebs.debian"]

  # On the machine that runs Packer: what is not signed does not go into the image.
  provisioner "shell-local" {
    inline = [
      "curl -fsS -o ghost-agent ${var.controller_url}/agent/ghost-agent",
      "curl -fsS -o ghost-agent.sig ${var.controller_url}/agent/ghost-agent.sig",
      "openssl pkeyutl -verify -pubin -inkey release-key -rawin -in ghost-agent -sigfile ghost-agent.sig",
    ]
  }

  provisioner "file" {
    source      = "ghost-agent"
    destination = "/tmp/ghost-agent"
    generated   = true
  }

  # Controller, token and authority come with each instance's user data, so that one image serves all applications.
  provisioner "shell" {
    inline = [
      "sudo install -D -m 755 /tmp/ghost-agent /usr/local/bin/ghost-agent",
      "sudo /usr/local/bin/ghost-agent install --no-start",
      "rm /tmp/ghost-agent",
    ]
  }
}
