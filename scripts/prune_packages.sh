#!/bin/sh
# Run by the Dockerfiles right after pip: removes from the installed packages what none of our programs opens. The builds
# try their programs afterwards, and `make compose-test` runs them.
set -eu
cd "$(python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')"

remove() { # remove PACKAGE PATTERN...: where the package is installed, each has to be there, so that this list stays true
    [ -d "$1" ] || return 0
    cd "$1"
    shift
    # shellcheck disable=SC2068
    rm -r $@
    cd ..
}

find . -type d \( -name tests -o -path ./torch/test \) -prune -exec rm -r {} +
find . -type f \( -name '*.h' -o -name '*.hpp' -o -name '*.a' \) ! -path './triton/*' -delete
remove pyarrow include "libarrow_flight.so.*" "_flight.*" "libarrow_s3.so.*" "_s3fs.*"
remove plotly package_data/plotly.min.js package_data/widgetbundle.js package_data/datasets labextension
remove pydeck nbextension
remove onnxruntime transformers tools quantization
[ ! -d botocore/data ] || find botocore/data -mindepth 1 -maxdepth 1 -type d ! -name s3 -exec rm -r {} +
[ ! -d torch/bin ] || find torch/bin -type f ! -name torch_shm_manager -delete
# Of words' frequencies those of the languages in gpu_worker/analysis/quotes/lexicon.py.
[ ! -d wordfreq/data ] || find wordfreq/data -type f ! -name '*_en.*' ! -name '*_es.*' ! -name '*_fr.*' ! -name '*_de.*' ! -name '*_pt.*' \
    ! -name '*_it.*' ! -name '*_nl.*' ! -name '*_pl.*' ! -name '*_fil.*' -delete
find . -type d -empty -delete
