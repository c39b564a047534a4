# What one types. Each target is a script of the same name in scripts/, which says what it does.

.PHONY: help run dev test bench dist golden screens soak clean

help:
	@echo 'make run     build in release and serve http://127.0.0.1:3000 with ./data'
	@echo 'make dev     the same in debug, rebuilt as you edit'
	@echo 'make test    everything that can be proved: format, lints, unit, HTTP, store, live and browser tests'
	@echo 'make bench   the figures of the README, measured here'
	@echo 'make dist    dist/ecos (one static binary) and dist/ecos-image.tar (docker load)'
	@echo 'make golden  write permissions.txt, openapi.json and the other golden files anew'
	@echo 'make screens pictures of every page'
	@echo 'make soak    an hour of churn under a watching browser tab'
	@echo 'make clean   remove what was built'

run dev test bench dist golden screens soak clean:
	@scripts/$@.sh
