# What people do with this package; `make` lists it.
#
#   IMG=PICTURE      what `make fit` fits
#   MODEL=FILE       what `make render` renders
#   SIZE=WxH         at which size; by default that of the picture it was fitted to
#   MESH=FILE        what `make shape` and `make mesh` fit: a mesh or a volume
#   DATA=FOLDER      measured data of the tomography targets; Benchmarks/ct/*.sh tell which files
#   ARGS="..."       more options for inr (fit, shape, render), for the tests, or for the benchmarks
#   PREFIX=FOLDER    where `make install` installs

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup build fit shape mesh render test check lint layers format bench bench-quality reproduce ct ct-quality ct-real ct-wire clean install
PREFIX ?= /usr/local

# The same flags everywhere, so that nothing is compiled twice. Without -march the vectors of
# sixteen numbers would be computed four at a time.
FLAGS := -c release -Xcc -march=native --explicit-target-dependency-import-check error
INR := .build/release/inr

# $(call timed,TARGET): makes the target and tells how long that took.
timed = +@TIMEFORMAT='make $(1): %0lR'; time $(MAKE) --no-print-directory $(1)

help:  ## List these targets.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup:  ## Install the C libraries that are missing (Debian, Ubuntu).
	@.ci/setup

build: setup  ## Build the program and its tests, optimised for this machine.
	swift build $(FLAGS) --build-tests

fit: given-IMG program  ## Fit a picture: make fit IMG=data/cameraman.png [ARGS="--seed 3"].
	$(INR) fit image '$(IMG)' $(ARGS)

shape: given-MESH program  ## Fit a solid: make shape MESH=data/NAME.obj [ARGS="--target occupancy"].
	$(INR) fit shape '$(MESH)' $(ARGS)

mesh: program  ## The exact surface of a ReLU network fitted to data/rings.obj (or MESH=FILE), and a picture.
	@INR='$(INR)' Benchmarks/geometry/demo.sh $(if $(MESH),'$(MESH)')

render: given-MODEL program  ## Render a model: make render MODEL=outputs/cameraman/model.safetensors [SIZE=1024x1024].
	$(INR) render '$(MODEL)' $(if $(SIZE),--size '$(SIZE)') $(ARGS)

test: build  ## Run all tests.
	swift test $(FLAGS) --skip-build --disable-xctest $(ARGS)

check:  ## Everything a change must pass. CI runs exactly this.
	$(call timed,lint)
	$(call timed,layers)
	$(call timed,build)
	$(call timed,test)

lint:  ## Check the format of all Swift files.
	swift format lint --strict --parallel --recursive Package.swift Sources Tests Benchmarks

layers:  ## C libraries, `unsafe` and Dispatch stay behind their fences; no file is too long.
	@! grep -rnE '^ *([a-z@]+ )*import C(LibPNG|PNG|FFTW|OpenBLAS|BFloat16)\b' Sources | grep -vE '^Sources/(Compute/Kernels|Imaging/PNG)/'
	@! grep -rnE '^[^/]*\bunsafe\b' Sources --include='*.swift' | grep -vE '^Sources/(Compute/Kernels|Imaging/PNG)/'
	@! grep -rnE '\bDispatch[A-Z]' Sources --include='*.swift' | grep -vE '^Sources/Compute/Parallel/'
	@! grep -rnE '^ *([a-z@]+ )*import (inr|Benchmarks|Reproductions)\b' Sources Benchmarks --include='*.swift'
	@! grep -rnE '\bprint\(|\bexit\(' Sources --include='*.swift' | grep -vE '^Sources/inr/'
	@! find Sources Tests Benchmarks -name '*.swift' -size +8k -exec awk 'FNR == 501 { print FILENAME ": more than 500 lines" }' {} + | grep .

format:  ## Put all Swift files into the common format.
	swift format --in-place --parallel --recursive Package.swift Sources Tests Benchmarks

bench: program  ## Time the program against its peers (PyPI); writes Benchmarks/RESULTS.md. ARGS="--only meshes": a part.
	Benchmarks/peers/setup.sh .venv-peers
	swift build $(FLAGS) --product Benchmarks
	.build/release/Benchmarks --peers .venv-peers/bin/python --output Benchmarks/RESULTS.md $(ARGS)

bench-quality: program  ## How good after how long, beside PyTorch, an hour: [DATA=folder of kodim03.png, kodim08.png] [IMG=...] [ARGS=--long].
	Benchmarks/peers/setup.sh .venv-peers
	swift build $(FLAGS) --product Benchmarks
	.build/release/Benchmarks --only quality --inr $(INR) --peers .venv-peers/bin/python \
	  $(if $(IMG),--picture '$(IMG)',$(if $(and $(DATA),$(if $(ARGS),,whole)),--output Benchmarks/RESULTS.md)) $(if $(DATA),--data '$(DATA)') $(ARGS)

reproduce: setup  ## Look for published findings anew, a minute or two (Documentation/Reproductions.md). ARGS="--only lines,moons": a part.
	swift build $(FLAGS) --product Reproductions
	.build/release/Reproductions $(ARGS)

ct: program  ## A phantom, its sinogram, and what FBP, SIRT, TV and a fit make of it.
	@INR='$(INR)' Benchmarks/ct/demo.sh

ct-quality: given-DATA program  ## PSNR and SSIM of all methods, half an hour: make ct-quality DATA=folder.
	@INR='$(INR)' Benchmarks/ct/quality.sh '$(DATA)'

ct-real: given-DATA program  ## Measured data, reconstructed by FBP, TV and a fit: make ct-real DATA=folder.
	@INR='$(INR)' Benchmarks/ct/real.sh '$(DATA)'

ct-wire: given-DATA program  ## WIRE's own problem by CGLS, SIRT, TV and fits: make ct-wire DATA=folder.
	@INR='$(INR)' Benchmarks/ct/wire.sh '$(DATA)'

install: program  ## Install the program: make install [PREFIX=~/.local].
	install -D -m 755 $(INR) '$(DESTDIR)$(PREFIX)/bin/inr'

clean:  ## Remove what was built; results in outputs/ stay.
	rm -rf .build .venv-peers

# The program without its tests.
.PHONY: program
program: setup
	@swift build $(FLAGS) --product inr

given-%:
	@test -n '$($*)' || { echo 'make: $* is not given; see make help' >&2; exit 2; }
