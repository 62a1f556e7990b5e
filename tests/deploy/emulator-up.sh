#!/bin/sh
# emulator-up.sh FOLDER: makes FOLDER a Debian with moto, the emulator of the AWS APIs. Needs root and debootstrap, takes
# about a minute and 1 GB the first time. Debian has no cfn-lint, which moto imports and does not need: an empty one.
set -eu
R=$1

# A change set leaves the stack's outputs as they were, which AWS does not.
renew_outputs() {
  F=$R/usr/lib/python3/dist-packages/moto/cloudformation/models.py
  grep -q 'stack.output_map = ' "$F" && return 0
  sed -i '/^        self.stack.resource_map.update(self.template_dict, self.parameters)$/a\
        self.stack.template_dict = self.template_dict\
        self.stack.output_map = self.stack._create_output_map()' "$F"
}

if [ -e "$R/.ready" ]; then
  renew_outputs
  exit 0
fi
export DEBIAN_FRONTEND=noninteractive
[ -x "$R/usr/bin/apt-get" ] || debootstrap --variant=minbase trixie "$R" http://deb.debian.org/debian
chroot "$R" apt-get install -y --no-install-recommends python3-moto python3-flask-cors python3-aws-xray-sdk \
  python3-docker python3-graphql-core python3-joserfc python3-jsondiff python3-jsonpath-ng python3-multipart \
  python3-openapi-spec-validator python3-pyparsing python3-yaml
D=$R/usr/local/lib/python3.13/dist-packages/cfnlint
mkdir -p "$D"
: > "$D/__init__.py"
echo 'def lint(*a, **k): return []' > "$D/api.py"
echo 'def configure_logging(*a, **k): pass' > "$D/config.py"
printf 'def get_rules(*a, **k): return []\ndef run_checks(*a, **k): return []\n' > "$D/core.py"
renew_outputs
touch "$R/.ready"
