# The commands of the README; CMake does the work (CMakePresets.json).
.PHONY: all demo check check-deep clean install

BUILD := build
CMAKE_BUILD = cmake --build $(BUILD)

all: $(BUILD)/build.ninja
	@$(CMAKE_BUILD) --target kanjo_program kanjo_default_model

$(BUILD)/build.ninja:
	@tools/packages build
	@cmake -S . -B $(BUILD) -G Ninja -DCMAKE_BUILD_TYPE=Release \
	  -DKANJO_TESTS=OFF

demo: all
	@tools/demo $(BUILD)

check:
	@tools/packages check
	@tools/check

check-deep:
	@tools/packages deep
	@tools/check-deep

install: all
	@cmake --build $(BUILD)
	@cmake --install $(BUILD) $(if $(PREFIX),--prefix "$(PREFIX)")

clean:
	@rm -rf $(BUILD) $(BUILD)-*
