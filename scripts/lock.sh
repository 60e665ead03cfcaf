#!/bin/sh
# Writes locks/*.txt: every package that a requirements file needs, in one version with the hashes of its files, for
# Python 3.11 and newer. `make lock` runs it. What is locked already stays; `lock.sh --upgrade` takes the newest allowed.
#
# Locks are installed with `pip install --no-deps --require-hashes`: what is not in them is not installed, though a
# package may ask for it (pyproject.toml, [tool.uv], says what is left out and why).
set -eu
cd "$(dirname "$0")/.."
uv=${UV:-uv}

lock() { # lock NAME REQUIREMENTS... [OPTION...]
    output=locks/$1.txt
    shift
    "$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
        --only-binary :all: --output-file "$output" "$@"
}

lock_with_torch() { # as lock; NAME_torch.txt gets torch's CUDA build and its libraries, NAME.txt the rest
    name=$1
    [ ! -e "locks/${name}_torch.txt" ] || cat "locks/${name}_torch.txt" >> "locks/$name.txt"
    lock "$@"
    awk -v rest="locks/$name.new" -v torch="locks/${name}_torch.txt" '
        /^[a-z]/ { file = /^(torch|torchvision|triton|nvidia-[a-z0-9-]+|cuda-[a-z-]+)==/ ? torch : rest }
        { print > file }' "locks/$name.txt"
    mv "locks/$name.new" "locks/$name.txt"
}

# One version of a package in every set, but for torch: the worker's image has its own. locks/test_torch_cpu.txt is
# written by hand, because no index that is asked here has that build.
lock run requirements.txt "$@"
lock_with_torch test tests/requirements.txt tests/torch.txt --constraints locks/run.txt "$@"
lock control_plane control_plane/requirements.txt --constraints locks/run.txt "$@"
lock_with_torch worker gpu_worker/requirements.txt --constraints locks/run.txt "$@"
